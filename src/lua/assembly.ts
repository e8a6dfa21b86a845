/**
 * The few words of WebAssembly's binary format that small modules of ours are written in: what stands between the Lua
 * machine and JavaScript, and must be in neither. All numbers here are below 64, so each is a byte.
 */
type Code = readonly number[];

const int32 = 0x7f;
const functionReference = 0x70;
const noResult = 0x40;

export const op = {
  end: [0x0b],
  if: [0x04, noResult],
  try: [0x06, noResult],
  catch: (tag: number): Code => [0x07, tag],
  throw: (tag: number): Code => [0x08, tag],
  call: (index: number): Code => [0x10, index],
  callIndirect: (type: number): Code => [0x11, type, 0],
  get: (local: number): Code => [0x20, local],
  set: (local: number): Code => [0x21, local],
  setGlobal: (index: number): Code => [0x24, index],
  constant: (value: number): Code => [0x41, value],
} as const;

/** The parameters and results of a function, all int32: how many of each. */
type Signature = readonly [parameters: number, results: number];

/** What a module imports or exports: functions by their signature's number, the rest by what they are. */
const kinds = { function: 0x00, table: 0x01, global: 0x03, tag: 0x04 } as const;

interface Import {
  readonly from: string;
  readonly name: string;
  /** Of a function or a tag, the number of its signature; a table is one of functions. */
  readonly kind: 'function' | 'table' | 'tag';
  readonly type?: number;
}

interface Export {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  /** Among all of its kind, imported ones first. */
  readonly index: number;
}

interface FunctionBody {
  readonly type: number;
  /** How many locals it has besides its parameters. */
  readonly locals?: number;
  /** Without the end. */
  readonly code: readonly Code[];
}

interface ModuleParts {
  readonly types: readonly Signature[];
  readonly imports?: readonly Import[];
  readonly functions: readonly FunctionBody[];
  /** Places in a table of functions of its own. */
  readonly tablePlaces?: number;
  /** The signature of a tag of its own. */
  readonly tag?: number;
  /** Whether it has a variable, an int32. */
  readonly hasGlobal?: boolean;
  readonly exports: readonly Export[];
}

export function assemble(parts: ModuleParts): WebAssembly.Module {
  const { types, imports = [], functions, tablePlaces, tag, hasGlobal = false, exports } = parts;
  const sections = [
    section(1, types.map(signatureBytes)),
    section(2, imports.map(importBytes)),
    section(
      3,
      functions.map(({ type }) => [type]),
    ),
    section(4, tablePlaces === undefined ? [] : [[functionReference, 0, tablePlaces]]),
    section(13, tag === undefined ? [] : [[0, tag]]),
    section(6, hasGlobal ? [[int32, 1, ...op.constant(0), ...op.end]] : []),
    section(
      7,
      exports.map(({ name, kind, index }) => [...text(name), kinds[kind], index]),
    ),
    section(10, functions.map(bodyBytes)),
  ];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return new WebAssembly.Module(new Uint8Array([...header, ...sections.flat()]));
}

function section(id: number, items: readonly Code[]): Code {
  if (items.length === 0) return [];
  const content = [items.length, ...items.flat()];
  return [id, ...size(content.length), ...content];
}

/** A length as LEB128, which takes two bytes from 128 on. */
function size(length: number): Code {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
}

function text(word: string): Code {
  return [word.length, ...Buffer.from(word)];
}

function signatureBytes([parameters, results]: Signature): Code {
  const int32s = (count: number) => [count, ...new Array<number>(count).fill(int32)];
  return [0x60, ...int32s(parameters), ...int32s(results)];
}

function importBytes({ from, name, kind, type = 0 }: Import): Code {
  const what = { function: [type], table: [functionReference, 0, 0], tag: [0, type] }[kind];
  return [...text(from), ...text(name), kinds[kind], ...what];
}

function bodyBytes({ locals = 0, code }: FunctionBody): Code {
  const bytes = [...(locals === 0 ? [0] : [1, locals, int32]), ...code.flat(), ...op.end];
  return [...size(bytes.length), ...bytes];
}
