/**
 * What scripts see of Lua: Redis's list of globals, which they cannot change. PUC Lua has no read-only tables, so scripts get
 * an empty table in place of each library and of the globals, behind which stands the real one.
 *
 * Compiled code is not loaded: nothing checks it, and the machine would do as it says.
 */
import { globalsIndex } from './api.ts';
import type { LuaVm } from './vm.ts';

/** Lua's own globals that scripts may use. */
const allowed = [
  ...['assert', 'collectgarbage', 'coroutine', 'error', 'gcinfo', 'getmetatable', 'ipairs', 'math'],
  ...['next', 'pairs', 'pcall', 'rawequal', 'rawget', 'rawset', 'select', 'setmetatable', 'string'],
  ...['table', 'tonumber', 'tostring', 'type', 'unpack', 'xpcall', '_VERSION'],
];

/**
 * Gets the debug library and a table of our own libraries; returns the globals for scripts, the table behind them, and the
 * handler of errors, which notes where they happened.
 */
const prelude = `
local debug, ours, allowed = ...
local error, type, tostring, rawget, rawset, setmetatable = error, type, tostring, rawget, rawset, setmetatable
local pcall, loadstring, byte, concat, collect = pcall, loadstring, string.byte, table.concat, collectgarbage
local getinfo = debug.getinfo

local isProtected = {}
local readonly = 'Attempt to modify a readonly table'
local function refuse() error(readonly, 2) end
local function protect(real)
  local shown = setmetatable({}, { __index = real, __newindex = refuse, __metatable = false })
  isProtected[shown] = true
  return shown
end

local real = {}
for name in allowed:gmatch('%S+') do real[name] = _G[name] end
for name, library in pairs(ours) do real[name] = library end

function real.rawset(table, key, value)
  if isProtected[table] then error(readonly, 0) end
  return rawset(table, key, value)
end
function real.setmetatable(table, meta)
  if isProtected[table] then error(readonly, 0) end
  return setmetatable(table, meta)
end
local function asText(ok, problem, ...)
  if not ok and type(problem) == 'table' then
    local text = rawget(problem, 'err')
    if type(text) == 'string' then return false, text end
  end
  return ok, problem, ...
end
function real.pcall(...) return asText(pcall(...)) end
function real.loadstring(source, name)
  if byte(source, 1) == 27 then return nil, 'compiled code is not loaded' end
  return loadstring(source, name or source)
end
function real.load(read, name)
  local parts = {}
  while true do
    local part = read()
    if part == nil or part == '' then break end
    parts[#parts + 1] = part
  end
  return real.loadstring(concat(parts), name or '=(load)')
end
function real.collectgarbage(what, ...)
  if what == 'stop' or what == 'setpause' or what == 'setstepmul' then return 0 end
  return collect(what, ...)
end

for name, value in pairs(real) do
  if type(value) == 'table' then real[name] = protect(value) end
end
getmetatable('').__metatable = protect({ __index = real.string })
local globals = protect(real)
real._G = globals
setmetatable(real, { __index = function(_, name)
  error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
end })

local function handle(problem)
  local level = 2
  local info = getinfo(level, 'Sl')
  while info and (info.what == 'C' or info.source == '=sandbox') do
    level = level + 1
    info = getinfo(level, 'Sl')
  end
  if type(problem) ~= 'table' then problem = { err = 'ERR ' .. tostring(problem) } end
  if info then
    problem.source = info.source
    problem.line = info.currentline
  end
  return problem
end
return globals, real, handle
`;

export interface Sandbox {
  /** The table behind the globals, kept under this number. */
  readonly realGlobals: number;
  /** The handler of errors, kept under this number. */
  readonly errorHandler: number;
}

/** Opens the libraries, ours too, and closes everything else. `ours` sets fields of the table on top of the stack. */
export function openSandbox(vm: LuaVm, ours: (vm: LuaVm) => void): Sandbox {
  const { api } = vm;
  for (const open of [
    api.luaopen_base,
    api.luaopen_table,
    api.luaopen_string,
    api.luaopen_math,
    api.luaopen_debug,
  ]) {
    vm.pushNative(open);
    vm.pushText('');
    vm.call(1, 0);
  }
  if (!vm.load(Buffer.from(prelude), '=sandbox')) throw new Error(vm.text(-1));
  vm.getField(globalsIndex, 'debug');
  vm.newTable();
  ours(vm);
  vm.pushText(allowed.join(' '));
  if (!vm.call(3, 3)) throw new Error(vm.text(-1));
  const errorHandler = vm.keep();
  const realGlobals = vm.keep();
  // From here on all code that is loaded sees these globals.
  api.lua_replace(vm.state, globalsIndex);
  return { realGlobals, errorHandler };
}
