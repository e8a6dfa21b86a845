/** The library `struct` of scripts: Lua values as the bytes of C structs, and back. */
import { luaType } from './api.ts';
import type { LuaFunction, LuaVm } from './vm.ts';

/** Pushes the library. */
export function openStruct(vm: LuaVm): void {
  vm.newTable();
  vm.setFunctions(functions);
}

const alignmentDefault = 8;
const sizeMax = 32;
const intBytes = 4;
const longBytes = 8;

/** A format as it is read: options in order, with what they say about the next. */
class Format {
  isLittle = true;
  alignment = 1;
  private readonly vm: LuaVm;
  /** The function that reads it, for errors. */
  private readonly caller: string;
  private readonly text: string;
  private at = 0;

  constructor(vm: LuaVm, caller: string) {
    this.vm = vm;
    this.caller = caller;
    this.text = vm.text(1);
  }

  /** The next option that stands for bytes or for a padding byte, or undefined at the end. */
  next(): { readonly option: string; readonly size: number } | undefined {
    while (this.at < this.text.length) {
      const option = this.text.charAt(this.at++);
      const size = this.sizeOf(option);
      if (size !== undefined) return { option, size };
      this.control(option);
    }
    return undefined;
  }

  /** Bytes of padding before an option. */
  padding(option: string, size: number, total: number): number {
    const align = Math.min(size, this.alignment);
    if (size === 0 || option === 'c' || option === 'x' || align <= 1) return 0;
    return (align - (total & (align - 1))) & (align - 1);
  }

  private sizeOf(option: string): number | undefined {
    switch (option) {
      case 'B':
      case 'b':
      case 'x':
        return 1;
      case 'H':
      case 'h':
        return 2;
      case 'L':
      case 'l':
      case 'T':
      case 'd':
        return longBytes;
      case 'f':
        return 4;
      case 's':
        return 0;
      case 'c':
        return this.digits(1);
      case 'I':
      case 'i': {
        const size = this.digits(intBytes);
        if (size > sizeMax) {
          this.vm.fail(`integral size ${size} is larger than limit of ${sizeMax}`);
        }
        return size;
      }
      default:
        return undefined;
    }
  }

  private control(option: string): void {
    if (option === ' ') return;
    if (option === '>') this.isLittle = false;
    else if (option === '<') this.isLittle = true;
    else if (option === '!') {
      const alignment = this.digits(alignmentDefault);
      if (alignment === 0 || (alignment & (alignment - 1)) !== 0) {
        this.vm.fail('alignment is not a power of 2');
      }
      this.alignment = alignment;
    } else this.vm.fail(`bad argument #1 to '${this.caller}' (invalid format option '${option}')`);
  }

  private digits(otherwise: number): number {
    const start = this.at;
    while (this.at < this.text.length && /[0-9]/.test(this.text.charAt(this.at))) this.at++;
    if (start === this.at) return otherwise;
    const value = Number(this.text.slice(start, this.at));
    if (value > 0x7fffffff) this.vm.fail('integral size overflow');
    return value;
  }
}

function numberAt(vm: LuaVm, index: number): number {
  if (!vm.isNumeric(index)) vm.argumentFail(index, 'number');
  return vm.number(index);
}

/** A number as `size` bytes, as C's casts have it. */
function integerBytes(value: number, size: number, isLittle: boolean): Buffer {
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
  let rest = BigInt.asUintN(64, whole);
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) {
    bytes[isLittle ? i : size - 1 - i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

function readInteger(bytes: Buffer, size: number, isLittle: boolean, isSigned: boolean): number {
  let value = 0n;
  for (let i = 0; i < size; i++) {
    const at = isLittle ? size - 1 - i : i;
    value = (value << 8n) | BigInt(bytes[at] ?? 0);
  }
  const cut = BigInt.asUintN(64, value);
  return Number(isSigned ? BigInt.asIntN(Math.min(size, 8) * 8, cut) : cut);
}

const pack: LuaFunction = (vm) => {
  const format = new Format(vm, 'pack');
  const parts: Buffer[] = [];
  let total = 0;
  let argument = 2;
  const add = (part: Buffer) => {
    parts.push(part);
    total += part.length;
  };
  for (let next = format.next(); next !== undefined; next = format.next()) {
    const { option, size } = next;
    add(Buffer.alloc(format.padding(option, size, total)));
    if (option === 'x') add(Buffer.alloc(1));
    else if (option === 's' || option === 'c') {
      if (vm.type(argument) !== luaType.string) vm.argumentFail(argument, 'string');
      const text = vm.copyOut(argument++);
      const length = size === 0 ? text.length : size;
      if (text.length < length) vm.fail(`bad argument #${argument} to 'pack' (string too short)`);
      add(text.subarray(0, length));
      if (option === 's') add(Buffer.alloc(1));
    } else if (option === 'f' || option === 'd') {
      add(floatBytes(numberAt(vm, argument++), size, format.isLittle));
    } else add(integerBytes(numberAt(vm, argument++), size, format.isLittle));
  }
  vm.pushBytes(Buffer.concat(parts, total), 0, total);
  return 1;
};

function floatBytes(value: number, size: number, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(size);
  if (size === 4) bytes.writeFloatLE(value);
  else bytes.writeDoubleLE(value);
  return isLittle ? bytes : bytes.reverse();
}

const unpack: LuaFunction = (vm, count) => {
  const format = new Format(vm, 'unpack');
  const data = vm.copyOut(2);
  let at = count >= 3 ? numberAt(vm, 3) - 1 : 0;
  if (at < 0) vm.fail('offset must be 1 or greater');
  let pushed = 0;
  for (let next = format.next(); next !== undefined; next = format.next()) {
    const { option } = next;
    let { size } = next;
    at += format.padding(option, size, at);
    if (at + size > data.length) vm.fail("bad argument #2 to 'unpack' (data string too short)");
    vm.makeRoom();
    if (option === 'c' && size === 0) {
      if (pushed === 0 || vm.type(-1) !== luaType.number) {
        vm.fail("format 'c0' needs a previous size");
      }
      size = vm.number(-1);
      vm.pop(1);
      pushed--;
      if (size < 0 || at + size > data.length) {
        vm.fail("bad argument #2 to 'unpack' (data string too short)");
      }
    }
    if (option === 's') {
      const end = data.indexOf(0, at);
      if (end < 0) vm.fail('unfinished string in data');
      vm.pushBytes(data, at, end - at);
      size = end + 1 - at;
    } else if (option === 'c') vm.pushBytes(data, at, size);
    else if (option !== 'x')
      vm.pushNumber(readNumber(data.subarray(at, at + size), option, format.isLittle));
    if (option !== 'x') pushed++;
    at += size;
  }
  vm.pushNumber(at + 1);
  return pushed + 1;
};

function readNumber(bytes: Buffer, option: string, isLittle: boolean): number {
  if (option !== 'f' && option !== 'd') {
    return readInteger(bytes, bytes.length, isLittle, option === option.toLowerCase());
  }
  const ordered = isLittle ? bytes : Buffer.from(bytes).reverse();
  return option === 'f' ? ordered.readFloatLE() : ordered.readDoubleLE();
}

const size: LuaFunction = (vm) => {
  const format = new Format(vm, 'size');
  let total = 0;
  for (let next = format.next(); next !== undefined; next = format.next()) {
    total += format.padding(next.option, next.size, total);
    if (next.option === 's')
      vm.fail("bad argument #1 to 'size' (variable-size format in 'struct.size')");
    if (next.option === 'c' && next.size === 0) {
      vm.fail("bad argument #1 to 'size' (variable-size format in 'struct.size')");
    }
    total += next.size;
  }
  vm.pushNumber(total);
  return 1;
};

const functions: Readonly<Record<string, LuaFunction>> = { pack, unpack, size };
