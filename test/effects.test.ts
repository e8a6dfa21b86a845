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

/** One engine, its replica, and what was asked of them. */
class Run {
  readonly engine: Engine;
  readonly replica: Replica;
  readonly log: string[] = [];
  private readonly waiters: Waiters;
  private readonly draw: Draw;

  constructor(seed: number, tamper?: Tamper) {
    this.engine = new Engine({ seed });
    this.replica = new Replica(this.engine, seed, tamper);
    this.waiters = new Waiters(this.engine, seed);
    this.draw = new Draw(seed);
  }

  execute(command: Exchange['command']): void {
    const { engine, log, waiters } = this;
    if (isSleep(command)) engine.clock.advance(3);
    if (leftOut.test(String(command[0])) || this.draw.chance(flushedNotShare(command))) return;
    engine.clock.advance(pause(this.draw));
    log.push(...waiters.begin(), textOf(command));
    engine.client.run(...command);
    const { client } = engine.client;
    if (client.isBlocked) engine.coordination.blocking.release(client, 'timeout');
  }

  /** How the two differ now, nothing if they do not. */
  differences(): string[] {
    const { engine, replica } = this;
    const expected = contentsOf(engine);
    const actual = contentsOf(replica.engine);
    return [
      ...replica.problems,
      ...expected
        .filter((line) => !actual.includes(line))
        .map((line) => `- ${line.slice(0, 1500)}`),
      ...actual
        .filter((line) => !expected.includes(line))
        .map((line) => `+ ${line.slice(0, 1500)}`),
    ];
  }
}

/** Runs a seed's commands, and looks after each chunk of them. Returns how the two engines differ, if they do. */
function differences(seed: number, tamper?: Tamper): string {
  const run = new Run(seed, tamper);
  const { chunks } = sequenceOf(seed, [...families, newer, newer, newer], stepCount);
  for (const chunk of chunks) {
    for (const command of chunk.flat().flatMap(commandsOf)) run.execute(command);
    const found = run.differences();
    if (found.length === 0) continue;
    const logs =
      process.env.ZIPPY_EFFECT_SEED === undefined ? [] : [...run.log, '', ...run.replica.log];
    return [`ZIPPY_EFFECT_SEED=${seed}`, ...found, ...logs].join('\n');
  }
  return '';
}

/** Most commands that empty a database are left out, so that there is something in it. */
function flushedNotShare([name]: Exchange['command']): number {
  return /^flush/i.test(String(name)) ? 0.9 : 0;
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

/** Slips in what is handed on. */
const slips: readonly [what: string, tamper: Tamper][] = [
  ['a removal that is not told', without('SREM')],
  ['a key that expires and nobody hears of it', without('DEL')],
  ['a relative time where the moment was meant', replacing('PXAT', 'PX')],
  [
    'an id that the clock draws',
    (words) => words.map((word, i) => (i === 2 && is(words, 'XADD') ? star : word)),
  ],
  ['the other end of a list', replacing('LPOP', 'RPOP')],
  ['a delivery that is not told', without('XCLAIM')],
  ['how far a group has come', without('XGROUP')],
  ['an acknowledgement that is not told', without('XACK')],
  ['a count that is not kept', without('PFCOUNT')],
  ['a database that is not selected', without('SELECT')],
];

const star = Buffer.from('*');

function is([name]: readonly Buffer[], upper: string): boolean {
  return String(name).toUpperCase() === upper;
}

function without(name: string): Tamper {
  return (words) => (is(words, name) ? undefined : words);
}

function replacing(before: string, after: string): Tamper {
  return (words) => words.map((word) => (is([word], before) ? Buffer.from(after) : word));
}

test.each(slips)('%s is found', (_, tamper) => {
  const seed = Array.from({ length: 60 }, (_, i) => i + 1).find(
    (each) => differences(each, tamper) !== '',
  );
  expect(seed).toBeDefined();
});
