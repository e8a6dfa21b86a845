/**
 * The kinds of value that have a grammar of their own: lists, flags, and what `save`,
 * `client-output-buffer-limit`, `notify-keyspace-events` and `dir` take.
 * Grammar, error texts and the text of CONFIG GET are those of Redis 7.0.
 */
import { resolve } from 'node:path';
import { notOneOf } from './scalar-types.ts';
import {
  formatMemory,
  oneLine,
  parseLooseInteger,
  parseMemory,
  type Setting,
  type ValueType,
} from './value-type.ts';
import { decodeUtf8, lowerCase, quoteWord } from './words.ts';

/** Up to max addresses; a lone empty word means none. */
export function addresses(max: number): ValueType<readonly string[]> {
  return {
    expected: `up to ${max} addresses; \`-\` before one lets it be missing, \`*\` is any`,
    manyWords: true,
    parse: (words) => {
      if (words.length > max) return 'Too many bind addresses specified.';
      const value = words.length === 1 && words[0] === '' ? [] : words;
      return { value, text: value.join(' ') };
    },
    lines: (setting, initial) => {
      if (setting.text === initial.text) return [];
      return [{ text: setting.text === '' ? '""' : setting.text, required: true }];
    },
  };
}

/** Any number of the names at once, except two that exclude each other; the first name stands for none. */
export function flags<const Name extends string>(
  names: readonly [Name, ...Name[]],
  clash: readonly [Name, Name],
  clashText: string,
): ValueType<readonly Name[]> {
  return {
    expected: `one or more of ${names.map((name) => `\`${name}\``).join(', ')}`,
    manyWords: true,
    parse: (words) => {
      const given = new Set(words.map(lowerCase));
      const known = names.filter((name) => given.has(name));
      if (given.size === 0 || known.length < given.size) return notOneOf(names);
      if (clash.every((name) => given.has(name))) return clashText;
      const value = known.filter((name) => name !== names[0]);
      return { value, text: value.join(' ') || names[0] };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/** Snapshot once `changes` keys changed and `seconds` passed since the last one. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Save points as pairs of seconds and changes. In a file each line adds to those before it. */
export function savePoints(): ValueType<readonly SavePoint[]> {
  return {
    expected: 'pairs of seconds (from 1) and changes (from 0); `""` for none',
    manyWords: true,
    parse: (words, current, stage) => {
      const cleared = words.length === 1 && words[0] === '';
      const points = cleared ? [] : parseSavePoints(words);
      if (points === undefined) return 'Invalid save parameters';
      const kept = stage === 'next line' && !cleared ? (current?.value ?? []) : [];
      const value = [...kept, ...points];
      return { value, text: value.map((point) => `${point.seconds} ${point.changes}`).join(' ') };
    },
    lines: ({ value }) => {
      if (value.length === 0) return [{ text: '""', required: true }];
      return value.map(({ seconds, changes }) => ({
        text: `${seconds} ${changes}`,
        required: true,
      }));
    },
  };
}

function parseSavePoints(words: readonly string[]): SavePoint[] | undefined {
  const numbers = words.map(parseLooseInteger);
  if (numbers.length % 2 !== 0) return undefined;
  const points: SavePoint[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const seconds = numbers[at];
    const changes = numbers[at + 1];
    if (seconds === undefined || changes === undefined) return undefined;
    if (seconds < 1n || changes < 0n) return undefined;
    points.push({ seconds: Number(seconds), changes: Number(changes) });
  }
  return points;
}

/** A client is closed at once above `hardBytes`, or after `softSeconds` on end above `softBytes`; 0 is no limit. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** The classes of clients that have an output limit of their own. */
export type OutputBufferClass = 'normal' | 'replica' | 'pubsub';

const outputClasses: readonly OutputBufferClass[] = ['normal', 'replica', 'pubsub'];

/** Limits for each class of clients. Classes that are not named keep what they have. */
export function outputBufferLimits(): ValueType<
  Readonly<Record<OutputBufferClass, OutputBufferLimit>>
> {
  return {
    expected:
      'groups of class (`normal`, `replica` or `pubsub`), hard limit, soft limit, soft seconds',
    manyWords: true,
    parse: (words, current) => {
      if (words.length % 4 !== 0) return 'Wrong number of arguments in buffer limit configuration.';
      const none: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
      const value = { normal: none, replica: none, pubsub: none, ...current?.value };
      for (let at = 0; at < words.length; at += 4) {
        const named = lowerCase(words[at] ?? '');
        const outputClass = outputClasses.find(
          (known) => known === (named === 'slave' ? 'replica' : named),
        );
        if (outputClass === undefined) {
          return 'Invalid client class specified in buffer limit configuration.';
        }
        const limit = parseLimit(words.slice(at + 1, at + 4));
        if (limit === undefined) {
          return 'Error in hard, soft or soft_seconds setting in buffer limit configuration.';
        }
        value[outputClass] = limit;
      }
      const classTexts = outputClasses.map((outputClass) => {
        const { hardBytes, softBytes, softSeconds } = value[outputClass];
        // Redis 7 still prints the class by its old name.
        const name = outputClass === 'replica' ? 'slave' : outputClass;
        return `${name} ${BigInt(hardBytes)} ${BigInt(softBytes)} ${BigInt(softSeconds)}`;
      });
      return { value, text: classTexts.join(' ') };
    },
    lines: (setting, initial) =>
      outputClasses.map((outputClass) => {
        const text = limitLine(outputClass, setting.value[outputClass]);
        return { text, required: text !== limitLine(outputClass, initial.value[outputClass]) };
      }),
  };
}

function parseLimit(words: readonly string[]): OutputBufferLimit | undefined {
  const hard = parseMemory(words[0] ?? '');
  const soft = parseMemory(words[1] ?? '');
  const seconds = parseLooseInteger(words[2] ?? '');
  if (hard === undefined || soft === undefined || seconds === undefined) return undefined;
  if (seconds < 0n || seconds > 2n ** 31n - 1n) return undefined;
  return { hardBytes: Number(hard), softBytes: Number(soft), softSeconds: Number(seconds) };
}

function limitLine(outputClass: OutputBufferClass, limit: OutputBufferLimit): string {
  const hard = formatMemory(BigInt(limit.hardBytes));
  const soft = formatMemory(BigInt(limit.softBytes));
  return `${outputClass} ${hard} ${soft} ${limit.softSeconds}`;
}

/** The event classes that `A` stands for, in the order in which Redis prints them. */
const allEvents = 'g$lshzxetd';
/** New key, overwritten, type changed, rate limit: printed with the above, but no part of `A`. */
const extraEvents = 'nocr';
/** Where and what to publish: keyspace, keyevent, key miss, and the subkey channels of Redis 8.8. */
const channelEvents = 'KEmSTIV';

/**
 * Classes of keyspace events, one letter each. The value has every class spelled out, in a fixed
 * order, `A` resolved. (Redis's own text for the value leaves out the `n` of `An`; so does ours.)
 */
export function eventClasses(): ValueType<string> {
  return {
    expected:
      'letters, one a class of events: `A` or some of `g$lshzxetd`, of `nocr`, of `KEmSTIV`',
    manyWords: false,
    parse: (words) => {
      const letters = (words[0] ?? '').replaceAll('A', allEvents);
      const known = allEvents + extraEvents + channelEvents;
      if ([...letters].some((letter) => !known.includes(letter))) {
        return "Invalid event class character. Use 'Ag$lshzxeKEtmdnocrSTIV'.";
      }
      const value = pick(known, letters);
      const all = pick(allEvents, letters) === allEvents;
      const events = all ? 'A' : pick(allEvents + extraEvents, letters);
      return { value, text: events + pick(channelEvents, letters) };
    },
    lines: (setting, initial) => {
      const hidden = setting.text.startsWith('A') ? pick(extraEvents, setting.value) : '';
      return oneLine(setting, initial, quoteWord(setting.text + hidden));
    },
  };
}

function pick(from: string, letters: string): string {
  return [...from].filter((letter) => letters.includes(letter)).join('');
}

/** Percentiles from 0 to 100, printed with at most six decimals. */
export function percentiles(): ValueType<readonly number[]> {
  const name = 'latency-tracking-info-percentiles';
  return {
    expected: 'percentiles from 0 to 100; `""` for none',
    manyWords: true,
    parse: (words) => {
      const given = words.length === 1 && words[0] === '' ? [] : words;
      const value: number[] = [];
      for (const word of given) {
        if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(word)) {
          return `Invalid ${name} parameters`;
        }
        const percentile = Number(word);
        if (percentile < 0 || percentile > 100) {
          return `${name} parameters should sit between [0.0,100.0]`;
        }
        value.push(percentile);
      }
      const text = value.map((percentile) => `${Number(percentile.toFixed(6))}`).join(' ');
      return { value, text };
    },
    lines: (setting) => [{ text: setting.text || '""', required: true }],
  };
}

/** Exactly `count` integers from min to max. */
export function integers(
  count: number,
  min: number,
  max: number,
  refusal: string,
): ValueType<readonly number[]> {
  return {
    expected: `${count} integers from ${min} to ${max}`,
    manyWords: true,
    parse: (words) => {
      if (words.length !== count) return 'wrong number of arguments';
      const value = words.map((word) => Number(parseLooseInteger(word) ?? Number.NaN));
      if (!value.every((number) => number >= min && number <= max)) return refusal;
      return { value, text: value.join(' ') };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/**
 * A directory, made absolute. Like a chdir, a relative one starts at the directory now in force;
 * the first of these is the process's own, which the caller hands in as the current setting.
 */
export function directory(): ValueType<string> {
  return {
    expected: 'a directory; a relative one starts at the current one',
    manyWords: false,
    parse: (words, current: Setting<string> | undefined) => {
      const text = resolve(current?.text ?? '/', words[0] ?? '');
      return { value: decodeUtf8(text), text };
    },
    lines: (setting) => [{ text: quoteWord(setting.text), required: true }],
  };
}
