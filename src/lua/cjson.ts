/**
 * The library `cjson` of scripts: Lua values as JSON, and back, as lua-cjson does it: strings are bytes, an empty table is an
 * object, `cjson.null` stands for null, numbers are written with 14 digits.
 */
import { luaType } from './api.ts';
import { JsonReader } from './cjson-reader.ts';
import type { LuaFunction, LuaVm } from './vm.ts';

const depthMax = 1000;
/** An array may have so many times as many places as items, or this many places. */
const sparseRatioMax = 2;
const sparseLengthMax = 10;
const numberDigits = 14;

/** Pushes the library. */
export function openCjson(vm: LuaVm): void {
  vm.newTable();
  vm.setFunctions(functions);
  vm.api.lua_pushlightuserdata(vm.state, 0);
  vm.setField(-2, 'null');
  for (const [name, text] of Object.entries({ _NAME: 'cjson', _VERSION: '2.1.0' })) {
    vm.pushText(text);
    vm.setField(-2, name);
  }
}

/** A number as C's %.14g writes it. */
function formatNumber(value: number): string {
  const [digits = '', exponentText = '0'] = value.toExponential(numberDigits - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < numberDigits) {
    const fixed = value.toFixed(Math.min(100, numberDigits - 1 - exponent));
    return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  }
  const mantissa = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** A text of one character a byte in quotes. */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be escaped
  const escaped = text.replace(/["\\/\x00-\x1f\x7f]/g, (each) => {
    const known = escapes[each];
    return known ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** The value on top of the stack as JSON. It stays there. */
function encode(vm: LuaVm, parts: string[], depth: number): void {
  switch (vm.type(-1)) {
    case luaType.string:
      parts.push(quote(vm.text(-1)));
      return;
    case luaType.number:
      parts.push(encodeNumber(vm));
      return;
    case luaType.boolean:
      parts.push(vm.boolean(-1) ? 'true' : 'false');
      return;
    case luaType.nil:
      parts.push('null');
      return;
    case luaType.table:
      if (depth >= depthMax) vm.fail(`Cannot serialise, excessive nesting (${depth + 1})`);
      encodeTable(vm, parts, depth + 1);
      return;
    case luaType.lightUserdata:
      if (vm.api.lua_touserdata(vm.state, -1) === 0) {
        parts.push('null');
        return;
      }
  }
  vm.fail(`Cannot serialise ${vm.typeName(-1)}: type not supported`);
}

function encodeNumber(vm: LuaVm): string {
  const value = vm.number(-1);
  if (!Number.isFinite(value)) {
    vm.fail('Cannot serialise number: must not be NaN or Inf');
  }
  return formatNumber(value);
}

function encodeTable(vm: LuaVm, parts: string[], depth: number): void {
  vm.makeRoom();
  const length = arrayLength(vm);
  if (length > 0) {
    for (let i = 1; i <= length; i++) {
      parts.push(i === 1 ? '[' : ',');
      vm.getAt(-1, i);
      encode(vm, parts, depth);
      vm.pop(1);
    }
    parts.push(']');
    return;
  }
  let isFirst = true;
  parts.push('{');
  vm.pushNil();
  while (vm.next(-2)) {
    if (!isFirst) parts.push(',');
    isFirst = false;
    encodeKey(vm, parts);
    parts.push(':');
    encode(vm, parts, depth);
    vm.pop(1);
  }
  parts.push('}');
}

/** The key below the value on top. */
function encodeKey(vm: LuaVm, parts: string[]): void {
  const type = vm.type(-2);
  if (type === luaType.number) {
    vm.pushValue(-2);
    parts.push(`"${encodeNumber(vm)}"`);
    vm.pop(1);
  } else if (type === luaType.string) parts.push(quote(vm.text(-2)));
  else vm.fail(`Cannot serialise ${vm.typeName(-2)}: table key must be a number or string`);
}

/** The greatest key of the table on top if all keys are places of an array; otherwise, or if it is empty, 0. */
function arrayLength(vm: LuaVm): number {
  let max = 0;
  let items = 0;
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pop(1);
    const key = vm.type(-1) === luaType.number ? vm.number(-1) : 0;
    if (key < 1 || !Number.isInteger(key)) {
      vm.pop(1);
      return 0;
    }
    max = Math.max(max, key);
    items++;
  }
  if (max > items * sparseRatioMax && max > sparseLengthMax) {
    vm.fail('Cannot serialise table: excessively sparse array');
  }
  return max;
}

const functions: Readonly<Record<string, LuaFunction>> = {
  encode(vm, count) {
    if (count !== 1) vm.fail("bad argument #1 to 'encode' (expected 1 argument)");
    const parts: string[] = [];
    encode(vm, parts, 0);
    vm.pushText(parts.join(''));
    return 1;
  },
  decode(vm, count) {
    if (count !== 1) vm.fail("bad argument #1 to 'decode' (expected 1 argument)");
    if (vm.type(1) !== luaType.string && vm.type(1) !== luaType.number) {
      vm.argumentFail(1, 'string');
    }
    new JsonReader(vm, vm.text(1)).read();
    return 1;
  },
};
