/** The library `bit` of scripts: operations on integers of 32 bits, as LuaJIT's BitOp has them. */
import { luaType } from './api.ts';
import type { LuaFunction, LuaVm } from './vm.ts';

/** Pushes the library. */
export function openBit(vm: LuaVm): void {
  vm.newTable();
  vm.setFunctions(functions);
}

const two52 = 2 ** 52;

/** A number as BitOp takes it: rounded to the nearest integer (ties to even), then modulo 2^32. */
function argument(vm: LuaVm, index: number): number {
  if (!vm.isNumeric(index)) vm.argumentFail(index, 'number');
  const value = vm.number(index);
  const rounded =
    Math.abs(value) >= two52 ? value : value < 0 ? value - two52 + two52 : value + two52 - two52;
  return rounded | 0;
}

function unary(operation: (value: number) => number): LuaFunction {
  return (vm) => {
    vm.pushNumber(operation(argument(vm, 1)));
    return 1;
  };
}

function many(operation: (a: number, b: number) => number): LuaFunction {
  return (vm, count) => {
    let value = argument(vm, 1);
    for (let i = 2; i <= count; i++) value = operation(value, argument(vm, i));
    vm.pushNumber(value);
    return 1;
  };
}

function shift(operation: (value: number, by: number) => number): LuaFunction {
  return (vm) => {
    vm.pushNumber(operation(argument(vm, 1), argument(vm, 2) & 31));
    return 1;
  };
}

const functions: Readonly<Record<string, LuaFunction>> = {
  tobit: unary((value) => value),
  bnot: unary((value) => ~value),
  bswap: unary(
    (value) => (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24),
  ),
  band: many((a, b) => a & b),
  bor: many((a, b) => a | b),
  bxor: many((a, b) => a ^ b),
  lshift: shift((value, by) => value << by),
  rshift: shift((value, by) => (value >>> by) | 0),
  arshift: shift((value, by) => value >> by),
  rol: shift((value, by) => (value << by) | (value >>> (32 - by))),
  ror: shift((value, by) => (value >>> by) | (value << (32 - by))),
  tohex(vm) {
    const value = argument(vm, 1) >>> 0;
    const wanted = vm.type(2) === luaType.none ? 8 : argument(vm, 2);
    const digits = Math.min(Math.abs(wanted), 8);
    const text = value
      .toString(16)
      .padStart(8, '0')
      .slice(8 - digits);
    vm.pushText(wanted < 0 ? text.toUpperCase() : text);
    return 1;
  },
};
