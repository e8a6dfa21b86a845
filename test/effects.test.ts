/**
 * What reaches the append-only log and the replicas does everywhere what the commands did: seeded random commands of all
 * families run on an engine whose effects a second one executes, which has another randomness, other hashes and a later time
 * (effects/replica.ts); in the end both hold the same.
 *
 * `ZIPPY_EFFECT_SEED=n` replays one seed, `ZIPPY_EFFECT_SEEDS=n` says how many to run.
 */
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { Draw } from './differential/draw.ts';
import { families } from './differential/families.ts';
import type { Exchange, Part } from './differential/family.ts';
import { sequenceOf } from './differential/sequence.ts';
import { contentsOf } from './effects/contents.ts';
import { newer } from './effects/newer.ts';
import { Replica, type Tamper, textOf } from './effects/replica.ts';
import { Waiters } from './effects/waiters.ts';

const seedsDefault = 150;
const stepCount = 200;

function seeds(): number[] {
  const { ZIPPY_EFFECT_SEED: seed, ZIPPY_EFFECT_SEEDS: count } = process.env;
  if (seed !== undefined) return [Number(seed)];
  return Array.from({ length: Number(count ?? seedsDefault) }, (_, index) => index + 1);
}

/** These are about a connection or a process, or would not come back. */
const leftOut =
  /^(quit|shutdown|monitor|subscribe|psubscribe|ssubscribe|client|debug|hello|reset|auth|config|failover)$/i;

function commandsOf(part: Part): readonly Exchange['command'][] {
  return part.kind === 'exchange' ? [part.command] : [];
}

/** Runs a seed's commands. Returns how the two engines differ, nothing if they do not. */
function differences(seed: number, tamper?: Tamper): string {
  const engine = new Engine({ seed });
  const replica = new Replica(engine, seed, tamper);
  const waiters = new Waiters(engine, seed);
  const { chunks } = sequenceOf(seed, [...families, newer, newer], stepCount);
  const commands = chunks.flat(2).flatMap(commandsOf);
  const draw = new Draw(seed);
  const log: string[] = [];
  for (const command of commands) {
    if (isSleep(command)) engine.clock.advance(3);
    if (leftOut.test(String(command[0]))) continue;
    engine.clock.advance(pause(draw));
    log.push(...waiters.begin());
    const before = replica.problems.length + replica.log.length;
    engine.client.run(...command);
    if (engine.client.client.isBlocked) {
      engine.coordination.blocking.release(engine.client.client, 'timeout');
    }
    const isHeard = replica.problems.length + replica.log.length > before;
    log.push(`${textOf(command)}${isHeard ? ' *' : ''}`);
  }
  const expected = contentsOf(engine);
  const actual = contentsOf(replica.engine);
  const missing = expected.filter((line) => !actual.includes(line));
  const surplus = actual.filter((line) => !expected.includes(line));
  if (missing.length + surplus.length + replica.problems.length === 0) return '';
  return [
    `ZIPPY_EFFECT_SEED=${seed}`,
    ...replica.problems,
    ...missing.map((line) => `- ${line.slice(0, 1500)}`),
    ...surplus.map((line) => `+ ${line.slice(0, 1500)}`),
    ...(process.env.ZIPPY_EFFECT_SEED === undefined ? [] : [...log, '', ...replica.log]),
  ].join('\n');
}

/** How long until the next command, in ms: all together less than any key is to live, less what the replica is late. */
function pause(draw: Draw): number {
  return draw.chance(0.05) ? draw.integer(1_000, 200_000) : draw.integer(0, 3);
}

function isSleep([name, what]: Exchange['command']): boolean {
  return /^debug$/i.test(String(name)) && /^sleep$/i.test(String(what));
}

test('a replica that executes the effects holds in the end what the engine holds', () => {
  const found: string[] = [];
  for (const seed of seeds()) {
    const difference = differences(seed);
    if (difference !== '') found.push(difference);
    if (found.length === 5) break;
  }
  expect(found.join('\n\n')).toBe('');
}, 600_000);
