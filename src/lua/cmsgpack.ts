/** The library `cmsgpack` of scripts: Lua values as MessagePack, and back. */
import { luaType } from './api.ts';
import type { LuaFunction, LuaVm } from './vm.ts';

/** Tables within tables deeper than this are packed as nil. */
const depthMax = 16;
const int64Limit = 2 ** 63;

/** Pushes the library. */
export function openCmsgpack(vm: LuaVm): void {
  vm.newTable();
  vm.setFunctions(functions);
  for (const [name, text] of Object.entries({
    _NAME: 'cmsgpack',
    _VERSION: 'lua-cmsgpack 0.4.0',
  })) {
    vm.pushText(text);
    vm.setField(-2, name);
  }
}

class Output {
  bytes: Buffer = Buffer.allocUnsafe(256);
  length = 0;

  reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length));
      this.bytes.copy(grown, 0, 0, at);
      this.bytes = grown;
    }
    return at;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
  }

  /** A head whose count takes 1, 2 or 4 bytes, each with a type of its own; 0 for a type that is not there. */
  head(count: number, types: readonly [one: number, two: number, four: number]): void {
    if (count < 2 ** 8 && types[0] !== 0) {
      this.byte(types[0]);
      this.byte(count);
    } else if (count < 2 ** 16) {
      this.byte(types[1]);
      const at = this.reserve(2);
      this.bytes.writeUInt16BE(count, at);
    } else {
      this.byte(types[2]);
      const at = this.reserve(4);
      this.bytes.writeUInt32BE(count, at);
    }
  }
}

function encodeNumber(out: Output, value: number): void {
  if (!Number.isInteger(value) || Math.abs(value) >= int64Limit) encodeDouble(out, value);
  else if (value >= 0) encodeUnsigned(out, value);
  else encodeNegative(out, value);
}

function encodeUnsigned(out: Output, value: number): void {
  if (value < 128) out.byte(value);
  else if (value < 2 ** 32) out.head(value, [0xcc, 0xcd, 0xce]);
  else {
    out.byte(0xcf);
    const at = out.reserve(8);
    out.bytes.writeBigUInt64BE(BigInt(value), at);
  }
}

function encodeNegative(out: Output, value: number): void {
  if (value >= -32) out.byte(256 + value);
  else if (value >= -128) {
    out.byte(0xd0);
    out.byte(256 + value);
  } else if (value >= -(2 ** 15)) {
    out.byte(0xd1);
    const at = out.reserve(2);
    out.bytes.writeInt16BE(value, at);
  } else if (value >= -(2 ** 31)) {
    out.byte(0xd2);
    const at = out.reserve(4);
    out.bytes.writeInt32BE(value, at);
  } else {
    out.byte(0xd3);
    const at = out.reserve(8);
    out.bytes.writeBigInt64BE(BigInt(value), at);
  }
}

/** Four bytes where they suffice. */
function encodeDouble(out: Output, value: number): void {
  if (Math.fround(value) === value) {
    out.byte(0xca);
    const at = out.reserve(4);
    out.bytes.writeFloatBE(value, at);
  } else {
    out.byte(0xcb);
    const at = out.reserve(8);
    out.bytes.writeDoubleBE(value, at);
  }
}

/** Packs the value on top of the stack, which is popped. */
function encode(vm: LuaVm, out: Output, depth: number): void {
  const type = vm.type(-1);
  if (type === luaType.table && depth < depthMax) encodeTable(vm, out, depth);
  else if (type === luaType.string) {
    const from = vm.stringAt(-1);
    const length = vm.stringLength;
    if (length < 32) out.byte(0xa0 | length);
    else out.head(length, [0xd9, 0xda, 0xdb]);
    const at = out.reserve(length);
    vm.bytes.copy(out.bytes, at, from, from + length);
  } else if (type === luaType.boolean) out.byte(vm.boolean(-1) ? 0xc3 : 0xc2);
  else if (type === luaType.number) encodeNumber(out, vm.number(-1));
  else out.byte(0xc0);
  vm.pop(1);
}

function encodeTable(vm: LuaVm, out: Output, depth: number): void {
  vm.makeRoom();
  const { items, pairs } = measure(vm);
  if (items === pairs) {
    if (items < 16) out.byte(0x90 | items);
    else out.head(items, [0, 0xdc, 0xdd]);
    for (let i = 1; i <= items; i++) {
      vm.getAt(-1, i);
      encode(vm, out, depth + 1);
    }
    return;
  }
  if (pairs < 16) out.byte(0x80 | pairs);
  else out.head(pairs, [0, 0xde, 0xdf]);
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pushValue(-2);
    encode(vm, out, depth + 1);
    encode(vm, out, depth + 1);
  }
}

/** How many pairs the table on top has, and how many items if its keys are 1 to that many; else -1. */
function measure(vm: LuaVm): { items: number; pairs: number } {
  let pairs = 0;
  let max = 0;
  let isArray = true;
  vm.pushNil();
  while (vm.next(-2)) {
    vm.pop(1);
    pairs++;
    const key = vm.type(-1) === luaType.number ? vm.number(-1) : 0;
    if (key < 1 || !Number.isInteger(key)) isArray = false;
    else max = Math.max(max, key);
  }
  return { items: isArray && max === pairs ? pairs : -1, pairs };
}

class Input {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Unpacks one value and pushes it. */
function decode(vm: LuaVm, input: Input): void {
  const take = (count: number): number => {
    const { at } = input;
    if (at + count > input.bytes.length) vm.fail('Missing bytes in input.');
    input.at += count;
    return at;
  };
  const { bytes } = input;
  const type = bytes[take(1)] as number;
  const string = (length: number) => vm.pushBytes(bytes, take(length), length);
  vm.makeRoom();
  if (type < 0x80) vm.pushNumber(type);
  else if (type >= 0xe0) vm.pushNumber(type - 256);
  else if (type < 0x90) decodeMap(vm, input, type & 15);
  else if (type < 0xa0) decodeArray(vm, input, type & 15);
  else if (type < 0xc0) string(type & 31);
  else if (type === 0xc0) vm.pushNil();
  else if (type === 0xc2 || type === 0xc3) vm.pushBoolean(type === 0xc3);
  else if (type === 0xca) vm.pushNumber(bytes.readFloatBE(take(4)));
  else if (type === 0xcb) vm.pushNumber(bytes.readDoubleBE(take(8)));
  else if (type >= 0xcc && type <= 0xce)
    vm.pushNumber(bytes.readUIntBE(take(1 << (type - 0xcc)), 1 << (type - 0xcc)));
  else if (type === 0xcf) vm.pushNumber(Number(bytes.readBigUInt64BE(take(8))));
  else if (type >= 0xd0 && type <= 0xd2)
    vm.pushNumber(bytes.readIntBE(take(1 << (type - 0xd0)), 1 << (type - 0xd0)));
  else if (type === 0xd3) vm.pushNumber(Number(bytes.readBigInt64BE(take(8))));
  else if (type === 0xd9 || type === 0xc4) string(bytes.readUInt8(take(1)));
  else if (type === 0xda || type === 0xc5) string(bytes.readUInt16BE(take(2)));
  else if (type === 0xdb || type === 0xc6) string(bytes.readUInt32BE(take(4)));
  else if (type === 0xdc) decodeArray(vm, input, bytes.readUInt16BE(take(2)));
  else if (type === 0xdd) decodeArray(vm, input, bytes.readUInt32BE(take(4)));
  else if (type === 0xde) decodeMap(vm, input, bytes.readUInt16BE(take(2)));
  else if (type === 0xdf) decodeMap(vm, input, bytes.readUInt32BE(take(4)));
  else vm.fail('Bad data format in input.');
}

function decodeArray(vm: LuaVm, input: Input, count: number): void {
  vm.newTable();
  for (let i = 1; i <= count; i++) {
    decode(vm, input);
    vm.setAt(-2, i);
  }
}

function decodeMap(vm: LuaVm, input: Input, count: number): void {
  vm.newTable();
  for (let i = 0; i < count; i++) {
    decode(vm, input);
    if (vm.type(-1) === luaType.nil) vm.fail('Bad data format in input.');
    decode(vm, input);
    vm.setPair(-3);
  }
}

/** Unpacks up to `limit` values from `at` on. Returns how many, and where the next begins (-1 at the end). */
function unpackSome(vm: LuaVm, at: number, limit: number): { count: number; next: number } {
  if (vm.type(1) !== luaType.string) vm.argumentFail(1, 'string');
  const input = new Input(vm.copyOut(1));
  if (at < 0 || limit < 0) {
    vm.fail(`Invalid request to unpack with offset of ${at} and limit of ${limit}.`);
  }
  if (at > input.bytes.length) {
    vm.fail(`Start offset ${at} greater than input length ${input.bytes.length}.`);
  }
  input.at = at;
  let count = 0;
  while (input.at < input.bytes.length && (limit === 0 || count < limit)) {
    decode(vm, input);
    count++;
  }
  return { count, next: input.at < input.bytes.length ? input.at : -1 };
}

function unpackFrom(vm: LuaVm, at: number, limit: number): number {
  const { count, next } = unpackSome(vm, at, limit);
  vm.pushNumber(next);
  vm.api.lua_insert(vm.state, -count - 1);
  return count + 1;
}

const functions: Readonly<Record<string, LuaFunction>> = {
  pack(vm, count) {
    if (count === 0) vm.fail("bad argument #0 to 'pack' (MessagePack pack needs input.)");
    const out = new Output();
    for (let i = 1; i <= count; i++) {
      vm.pushValue(i);
      encode(vm, out, 0);
    }
    vm.pushBytes(out.bytes, 0, out.length);
    return 1;
  },
  unpack: (vm) => unpackSome(vm, 0, 0).count,
  unpack_one: (vm, count) => unpackFrom(vm, count > 1 ? vm.number(2) : 0, 1),
  unpack_limit: (vm, count) => unpackFrom(vm, count > 2 ? vm.number(3) : 0, vm.number(2)),
};
