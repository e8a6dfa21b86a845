/**
 * Keys of the other data types, just enough for the commands of the other families to meet them: WRONGTYPE
 * errors, TYPE, COPY, RENAME and encodings. The types' own commands belong to families of their own.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, type Family } from '../family.ts';

/** The replacing of whatever the key held, so that a mixed keyspace does not fill with one type. */
function maker(name: string, more: (draw: Draw) => Argument[]): CommandGenerator {
  return command(name, 1, (draw) => [draw.key(), ...more(draw)]);
}

function family(name: string, knownBy: string, more: (draw: Draw) => Argument[]): Family {
  return { name, weight: 0.4, onlyIfKnown: knownBy, generators: [maker(knownBy, more)] };
}

export const otherTypes: readonly Family[] = [
  family('lists as strangers', 'RPUSH', (draw) => ['x', String(draw.integer(0, 9))]),
  family('hashes as strangers', 'HSET', (draw) => ['field', String(draw.integer(0, 9))]),
  family('sets as strangers', 'SADD', (draw) => ['one', 'two', String(draw.integer(0, 9))]),
  family('sorted sets as strangers', 'ZADD', (draw) => [String(draw.integer(0, 9)), 'member']),
];
