/** Scripts of a single call over the other families' commands: every shape of reply as Lua has it, and every error. */
import type { Draw } from '../draw.ts';
import { command, type Exchange, exchange, type Family, type Step } from '../family.ts';
import { exact } from '../reply-rules.ts';
import { bitmaps } from './bitmaps.ts';
import { hashes } from './hashes.ts';
import { lists } from './lists.ts';
import { sets } from './sets.ts';
import { strings } from './strings.ts';

const scripts = [
  'return redis.call(unpack(ARGV))',
  'return redis.pcall(unpack(ARGV))',
  'local ok, reply = pcall(redis.call, unpack(ARGV)) return {tostring(ok), reply}',
  'local reply = redis.pcall(unpack(ARGV)) return {type(reply), reply}',
  'redis.setresp(3) local reply = redis.pcall(unpack(ARGV)) return type(reply)',
];

/** A command whose replies are the same on both servers, as a script's. */
function drawScript(draw: Draw): Step {
  const family = draw.pick([strings, lists, hashes, sets, bitmaps]);
  const parts = draw.pickWeighted(family.generators).draw(draw);
  const simple = parts.filter((part): part is Exchange => part.kind === 'exchange');
  return simple
    .filter(({ command: [name] }) => name?.toString().toLowerCase() !== 'object')
    .filter(({ rule, silent }) => rule === exact && silent !== true)
    .map(({ command: words }) => exchange(['EVAL', draw.pick(scripts), '0', ...words]));
}

const shas = ['e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'f'.repeat(40), 'abc'];
const library = (result: string) =>
  `#!lua name=drawn\nredis.register_function{function_name='drawn', flags={'no-writes'}, callback=function(keys, args) return ${result} end}`;

export const scripting: Family = {
  name: 'scripting',
  weight: 0.5,
  reset: [
    ['FUNCTION', 'FLUSH'],
    ['SCRIPT', 'FLUSH'],
  ],
  generators: [
    { name: 'EVAL', weight: 6, options: [], draw: drawScript, intact: true },
    command('EVAL_RO', 0.5, (draw) => ['return redis.call("type", KEYS[1])', '1', draw.key()]),
    command('EVALSHA', 0.5, (draw) => [draw.pick(shas), '0']),
    command('EVALSHA_RO', 0.3, (draw) => [draw.pick(shas), '0']),
    command('SCRIPT|LOAD', 0.5, (draw) => [draw.pick(['return 1', 'return 2', 'x y'])]),
    command('SCRIPT|EXISTS', 0.3, (draw) => [draw.pick(shas), draw.pick(shas)]),
    command('SCRIPT|FLUSH', 0.1, (draw) => draw.pick([[], ['SYNC'], ['ASYNC'], ['x']])),
    command('SCRIPT|KILL', 0.1, () => []),
    command('SCRIPT|HELP', 0.1, () => []),
    command(
      'FUNCTION|LOAD',
      0.5,
      (draw) => ['REPLACE', library(draw.pick(['keys', 'args', '1', "redis.call('dbsize')"]))],
      { words: ['REPLACE'] },
    ),
    command('FCALL', 0.5, (draw) => ['drawn', '1', draw.key(), 'argument']),
    command('FCALL_RO', 0.5, (draw) => ['drawn', '1', draw.key(), 'argument']),
    command('FUNCTION|LIST', 0.3, () => ['WITHCODE']),
    command('FUNCTION|STATS', 0.2, () => []),
    command('FUNCTION|DELETE', 0.2, () => ['drawn']),
    command('FUNCTION|FLUSH', 0.1, () => []),
    command('FUNCTION|DUMP', 0.2, () => []),
    command('FUNCTION|RESTORE', 0.2, () => ['nonsense']),
    command('FUNCTION|KILL', 0.1, () => []),
    command('FUNCTION|HELP', 0.1, () => []),
  ],
};
