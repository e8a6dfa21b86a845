/** Requests made from a command's grammar: what the table test tries every command with. */
import type { Command } from '#commands/command.ts';
import type { ChoiceOption, Value } from '#commands/grammar.ts';

/** Values for arguments whose kind does not tell what is wanted, as `command argument`. */
const samples: Readonly<Record<string, string>> = {
  'bitop operation': 'OR',
  'getbit offset': '1',
  'hincrbyfloat increment': '1',
  'setbit offset': '1',
  'setbit value': '1',
  'zadd score': '1',
  'zincrby increment': '1',
  'zrange start': '0',
  'zrange stop': '-1',
  'zrangestore min': '0',
  'zrangestore max': '-1',
  'zrangebyscore min': '0',
  'zrangebyscore max': '1',
  'zrevrangebyscore min': '0',
  'zrevrangebyscore max': '1',
  'zrangebylex min': '-',
  'zrangebylex max': '+',
  'zrevrangebylex min': '-',
  'zrevrangebylex max': '+',
  'zcount min': '0',
  'zcount max': '1',
  'zlexcount min': '-',
  'zlexcount max': '+',
  'zremrangebyrank start': '0',
  'zremrangebyrank stop': '-1',
  'zremrangebyscore min': '0',
  'zremrangebyscore max': '1',
  'zremrangebylex min': '-',
  'zremrangebylex max': '+',
  'zunion weight': '1',
  'zunion aggregate': 'SUM',
  'zinter weight': '1',
  'zinter aggregate': 'SUM',
  'zunionstore weight': '1',
  'zunionstore aggregate': 'SUM',
  'zinterstore weight': '1',
  'zinterstore aggregate': 'SUM',
  'bzmpop timeout': '1',
  'geoadd longitude': '1',
  'geoadd latitude': '1',
  'georadius longitude': '1',
  'georadius latitude': '1',
  'georadius radius': '1',
  'georadius unit': 'm',
  'georadius_ro longitude': '1',
  'georadius_ro latitude': '1',
  'georadius_ro radius': '1',
  'georadius_ro unit': 'm',
  'georadiusbymember radius': '1',
  'georadiusbymember unit': 'm',
  'georadiusbymember_ro radius': '1',
  'georadiusbymember_ro unit': 'm',
  'xadd id': '*',
  'xtrim threshold': '1',
  'xrange start': '-',
  'xrange end': '+',
  'xrevrange start': '-',
  'xrevrange end': '+',
  'xsetid last-id': '1-1',
  'xread streams': 'STREAMS',
  'xread id': '0',
  'xreadgroup token': 'GROUP',
  'xreadgroup streams': 'STREAMS',
  'xreadgroup id': '0',
  'xautoclaim min-idle-time': '1',
  'xautoclaim start': '0',
  'xclaim min-idle-time': '1',
  'xidmprecord stream-id': '1-1',
  ...Object.fromEntries(
    ['xdelex', 'xackdel', 'xnack'].flatMap((name) => [
      [`${name} ids`, 'IDS'],
      [`${name} numids`, '1'],
      [`${name} id`, '1-1'],
    ]),
  ),
  'blmpop timeout': '1',
};

/** Options that a command is nothing without. */
const neededOptions: Readonly<Record<string, readonly string[]>> = {
  geosearch: ['FROMMEMBER', 'v', 'BYRADIUS', '1', 'm'],
  geosearchstore: ['FROMMEMBER', 'v', 'BYRADIUS', '1', 'm'],
};

const keys = ['key1', 'key2', 'key3'];

/** A request, and where in it the keys are. */
export interface Sample {
  readonly words: readonly string[];
  readonly keys: readonly string[];
}

/** The least request that the grammar allows, with the option words `options` where options go. */
export function leastRequest(command: Command, options: readonly string[] = []): Sample {
  const used: string[] = [];
  const draw = (value: Value) => {
    if (value.kind !== 'key') return sampleOf(command, value);
    const key = keys[used.length % keys.length] ?? 'key';
    used.push(key);
    return key;
  };
  const required = command.args.flatMap((each) => (each.kind === 'optional' ? [] : [each]));
  const words = [...nameOf(command), ...required.map(draw)];
  const rest = isOptional(command.rest) ? undefined : command.rest;
  const group = () => [...(rest?.values ?? []), ...(rest?.after ?? [])].map(draw);
  if (rest?.token !== undefined) words.push(...options, rest.token, '1', ...group());
  else if (rest?.countName !== undefined) words.push('1', ...group(), ...options);
  else words.push(...(neededOptions[command.fullName] ?? []), ...options, ...group());
  return { words, keys: used };
}

/** An option's words, with values: `EX 1`. */
export interface OptionSample {
  /** The option's name in the declaration. */
  readonly option: string;
  readonly token: string;
  readonly words: readonly string[];
}

export function optionSamples(command: Command): OptionSample[] {
  return Object.entries(command.options).flatMap(([option, declared]): OptionSample[] => {
    if (declared.kind === 'flag') {
      return [{ option, token: declared.token, words: [declared.token] }];
    }
    return tokensOf(command, declared).map((sample) => ({ option, ...sample }));
  });
}

function tokensOf(command: Command, { tokens }: ChoiceOption): Omit<OptionSample, 'option'>[] {
  return Object.entries(tokens).map(([token, values]) => ({
    token,
    // A token may be two words, as FILTERBY MODULE.
    words: [...token.split(' '), ...values.map((value) => sampleOf(command, value))],
  }));
}

function nameOf(command: Command): string[] {
  return command.fullName.toUpperCase().split('|');
}

function sampleOf(command: Command, value: Value): string {
  const given = samples[`${command.fullName} ${value.name}`];
  if (given !== undefined) return given;
  // A choice of words is taken by its first.
  const words: unknown = Reflect.get(value, 'words');
  return Array.isArray(words) ? String(words[0]) : (samplesByKind[value.kind] ?? '0');
}

const samplesByKind: Readonly<Record<string, string>> = {
  key: 'key1',
  bytes: 'v',
  integer: '1',
  int64: '1',
  double: '1',
};

/** Whether there may be no group at all. */
function isOptional(rest: Command['rest']): boolean {
  return rest !== undefined && Reflect.get(rest, 'mayBeEmpty') === true;
}
