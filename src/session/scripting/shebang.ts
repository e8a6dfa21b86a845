/** The first line of a script or library that says what it is: `#!lua flags=no-writes,allow-oom`. */
import { type ErrorReply, error } from '#commands/errors.ts';

const knownFlags = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'];

/** What a script may do and where. */
export interface ScriptRules {
  /** Whether it says so itself; scripts without a first line of this kind are held to less. */
  readonly isDeclared: boolean;
  readonly isReadOnly: boolean;
  readonly allowsOom: boolean;
}

/** For scripts that say nothing. */
const undeclared: ScriptRules = { isDeclared: false, isReadOnly: false, allowsOom: false };

/** The rules that flags give. */
export function rulesOf(flags: readonly string[]): ScriptRules {
  const isReadOnly = flags.includes('no-writes');
  return { isDeclared: true, isReadOnly, allowsOom: isReadOnly || flags.includes('allow-oom') };
}

export function isKnownFlag(flag: string): boolean {
  return knownFlags.includes(flag);
}

export interface Shebang {
  readonly engine: string;
  readonly words: readonly string[];
  /** The code behind it; its line end is part of it, so that lines keep their numbers. */
  readonly body: Buffer;
}

const newline = 0x0a;

/** The first line if there is one of this kind; undefined if it has no end. */
export function readShebang(source: Buffer): Shebang | undefined {
  const end = source.indexOf(newline);
  if (end < 0) return undefined;
  const [engine = '', ...words] = source.toString('latin1', 2, end).split(' ').filter(Boolean);
  return { engine, words, body: source.subarray(end) };
}

export function hasShebang(source: Buffer): boolean {
  return source.length >= 2 && source.toString('latin1', 0, 2) === '#!';
}

export interface ScriptHead {
  readonly rules: ScriptRules;
  readonly body: Buffer;
}

/** What EVAL's script says of itself, or what is wrong with that. */
export function readScriptHead(source: Buffer): ScriptHead | ErrorReply {
  if (!hasShebang(source)) return { rules: undeclared, body: source };
  const shebang = readShebang(source);
  if (shebang === undefined) return error('Invalid script shebang');
  if (shebang.engine !== 'lua') {
    return error(`Unexpected engine in script shebang: #!${shebang.engine}`);
  }
  const flags: string[] = [];
  for (const word of shebang.words) {
    if (!word.startsWith('flags=')) return error(`Unknown lua shebang option: ${word}`);
    for (const flag of word.slice('flags='.length).split(',').filter(Boolean)) {
      if (!isKnownFlag(flag)) return error(`Unexpected flag in script shebang: ${flag}`);
      flags.push(flag);
    }
  }
  return { rules: rulesOf(flags), body: shebang.body };
}
