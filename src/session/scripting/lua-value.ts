/** What a script returned, as the reply to its client: Redis's table of conversions from Lua. */
import { type ErrorReply, error } from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import { luaType } from '#lua/api.ts';
import type { LuaVm } from '#lua/vm.ts';

/** Tables in tables deeper than this are refused, as Redis's stack of C would not hold them. */
const depthMax = 1000;
const int64Min = -(2n ** 63n);
const int64Limit = 2 ** 63;

/** Answers with the value on top of the stack, which is popped. `protocol` is what the script speaks. */
export function replyWithValue(vm: LuaVm, reply: Reply, protocol: 2 | 3, depth = 0): void {
  switch (vm.type(-1)) {
    case luaType.string: {
      const at = vm.stringAt(-1);
      const length = vm.stringLength;
      reply.bulk(vm.bytes, at, length);
      break;
    }
    case luaType.number:
      replyWithNumber(reply, vm.number(-1));
      break;
    case luaType.boolean:
      if (protocol === 3) reply.boolean(vm.boolean(-1));
      else if (vm.boolean(-1)) reply.integer(1);
      else reply.nil();
      break;
    case luaType.table:
      if (depth > depthMax) reply.error(error('reached lua stack limit'));
      else replyWithTable(vm, reply, protocol, depth);
      break;
    default:
      reply.nil();
  }
  vm.pop(1);
}

/** The part before the point, as C's cast of a double has it: what is no int64 becomes the least. */
function replyWithNumber(reply: Reply, value: number): void {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) reply.integer(whole === 0 ? 0 : whole);
  else if (!(Math.abs(whole) < int64Limit)) reply.bigInteger(int64Min);
  else reply.bigInteger(BigInt(whole));
}

function replyWithTable(vm: LuaVm, reply: Reply, protocol: 2 | 3, depth: number): void {
  vm.makeRoom();
  if (isText(vm.getField(-1, 'err'))) {
    reply.error(errorFrom(vm.text(-1)));
    return vm.pop(1);
  }
  vm.pop(1);
  if (isText(vm.getField(-1, 'ok'))) {
    reply.status(vm.text(-1).replace(/[\r\n]/g, ' '));
    return vm.pop(1);
  }
  vm.pop(1);
  if (vm.getField(-1, 'double') === luaType.number) {
    reply.double(vm.number(-1));
    return vm.pop(1);
  }
  vm.pop(1);
  if (vm.getField(-1, 'map') === luaType.table) return replyWithMap(vm, reply, protocol, depth);
  vm.pop(1);
  if (vm.getField(-1, 'set') === luaType.table) return replyWithSet(vm, reply, protocol, depth);
  vm.pop(1);
  if (isText(vm.getField(-1, 'big_number'))) {
    reply.bigNumber(vm.text(-1).replace(/[\r\n]/g, ' '));
    return vm.pop(1);
  }
  vm.pop(1);
  if (vm.getField(-1, 'verbatim_string') === luaType.table && replyWithVerbatim(vm, reply)) {
    return vm.pop(1);
  }
  vm.pop(1);
  replyWithArray(vm, reply, protocol, depth);
}

/** As many items as come before the first that is nil. */
function replyWithArray(vm: LuaVm, reply: Reply, protocol: 2 | 3, depth: number): void {
  let count = 0;
  while (vm.getAt(-1, count + 1) !== luaType.nil) {
    vm.pop(1);
    count++;
  }
  vm.pop(1);
  reply.array(count);
  for (let i = 1; i <= count; i++) {
    vm.getAt(-1, i);
    replyWithValue(vm, reply, protocol, depth + 1);
  }
}

function replyWithMap(vm: LuaVm, reply: Reply, protocol: 2 | 3, depth: number): void {
  reply.map(countPairs(vm));
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pushValue(-2);
    replyWithValue(vm, reply, protocol, depth + 1);
    replyWithValue(vm, reply, protocol, depth + 1);
  }
  vm.pop(1);
}

function replyWithSet(vm: LuaVm, reply: Reply, protocol: 2 | 3, depth: number): void {
  reply.set(countPairs(vm));
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pop(1);
    vm.pushValue(-1);
    replyWithValue(vm, reply, protocol, depth + 1);
  }
  vm.pop(1);
}

function countPairs(vm: LuaVm): number {
  let count = 0;
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pop(1);
    count++;
  }
  return count;
}

function replyWithVerbatim(vm: LuaVm, reply: Reply): boolean {
  const hasText = isText(vm.getField(-1, 'string'));
  const text = hasText ? vm.copyOut(-1).toString() : '';
  vm.pop(1);
  const hasFormat = isText(vm.getField(-1, 'format'));
  vm.pop(1);
  if (!hasText || !hasFormat) return false;
  reply.verbatim(text);
  return true;
}

/** An error from its line, which begins with a code. */
export function errorFrom(line: string): ErrorReply {
  const text = line.replace(/[\r\n]/g, ' ');
  const space = text.indexOf(' ');
  if (space < 0) return { code: text, text: '', status: 'failed-precondition' };
  return { code: text.slice(0, space), text: text.slice(space + 1), status: 'failed-precondition' };
}

/** Numbers pass for texts in Lua. */
function isText(type: number): boolean {
  return type === luaType.string || type === luaType.number;
}
