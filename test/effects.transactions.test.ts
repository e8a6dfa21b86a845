/**
 * Inside an interactive transaction every command of every type does what it does outside: seeded random commands of all
 * families run in transactions that are committed or rolled back at random, while others wait for keys, and a second engine executes the effects
 * that were handed on (effects/replica.ts), outside of any. Both have to hold the same after each, and when all
 * is removed no memory may be missing.
 *
 * `ZIPPY_TRANSACTION_EFFECT_SEED=n` replays one seed, `ZIPPY_TRANSACTION_EFFECT_SEEDS=n` says how many to run.
 */
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { Draw } from './differential/draw.ts';
import { families } from './differential/families.ts';
import type { Exchange } from './differential/family.ts';
import { sequenceOf } from './differential/sequence.ts';
import { contentsOf } from './effects/contents.ts';
import { newer } from './effects/newer.ts';
import { Replica, textOf } from './effects/replica.ts';
import { Waiters } from './effects/waiters.ts';

const seedsDefault = 25;
const stepCount = 200;

/** These are about a connection or a process, or would not come back. */
const leftOut =
  /^(quit|shutdown|monitor|subscribe|psubscribe|ssubscribe|client|debug|hello|reset|auth|config|failover)$/i;

function seeds(): number[] {
  const { ZIPPY_TRANSACTION_EFFECT_SEED: seed, ZIPPY_TRANSACTION_EFFECT_SEEDS: count } =
    process.env;
  if (seed !== undefined) return [Number(seed)];
  return Array.from({ length: Number(count ?? seedsDefault) }, (_, index) => index + 1);
}

class Run {
  readonly engine: Engine;
  readonly log: string[] = [];
  committed = 0;
  rolledBack = 0;
  private readonly replica: Replica;
  private readonly waiters: Waiters;
  private readonly draw: Draw;
  private isOpen = false;

  constructor(seed: number) {
    this.engine = new Engine({ seed });
    this.engine.run('CONFIG', 'SET', 'transaction-timeout', '0');
    this.replica = new Replica(this.engine, seed);
    this.waiters = new Waiters(this.engine, seed);
    this.draw = new Draw(seed);
  }

  execute(command: Exchange['command']): void {
    const { engine, draw, log } = this;
    const name = String(command[0]);
    if (leftOut.test(name) || (/^flush/i.test(name) && draw.chance(0.7))) return;
    engine.clock.advance(draw.integer(0, 3));
    if (!this.isOpen) {
      log.push(...this.waiters.begin());
      if (draw.chance(0.3)) this.begin();
    }
    log.push(textOf(command));
    engine.client.run(...command);
    const { client } = engine.client;
    if (client.isBlocked) engine.coordination.blocking.release(client, 'timeout');
    if (this.isOpen && draw.chance(0.15)) this.end();
  }

  /** Ends what is open, and tells how the two engines differ then. */
  differences(): string[] {
    const { replica } = this;
    if (this.isOpen) {
      this.engine.run('DISCARD');
      this.end();
    }
    const expected = contentsOf(this.engine);
    const actual = contentsOf(replica.engine);
    return [
      ...replica.problems,
      ...expected.filter((line) => !actual.includes(line)).map((line) => `- ${line.slice(0, 500)}`),
      ...actual.filter((line) => !expected.includes(line)).map((line) => `+ ${line.slice(0, 500)}`),
    ];
  }

  /** Checks that nothing is left when all keys are removed. */
  finish(): void {
    this.engine.run('DISCARD');
    this.engine.balanced();
  }

  private begin(): void {
    if (this.engine.client.client.transaction.queue !== undefined) return;
    this.log.push('BEGIN');
    expect(this.engine.run('BEGIN')).toEqual(expect.any(Number));
    this.isOpen = true;
  }

  private end(): void {
    const { engine, draw } = this;
    if (engine.client.client.transaction.queue !== undefined) return;
    const commits = draw.chance(0.75);
    const word = commits ? 'COMMIT' : 'ROLLBACK';
    this.log.push(word);
    expect(engine.run(word)).toBe('OK');
    if (commits) this.committed++;
    else this.rolledBack++;
    this.isOpen = false;
  }
}

/** Runs a seed. Returns how the engines differ, if they do. */
function differences(seed: number, onEnd: (run: Run) => void = () => {}): string {
  const run = new Run(seed);
  const { chunks } = sequenceOf(seed, [...families, newer, newer], stepCount);
  for (const chunk of chunks) {
    for (const part of chunk.flat()) if (part.kind === 'exchange') run.execute(part.command);
    const found = run.differences();
    if (found.length === 0) continue;
    const logs = process.env.ZIPPY_TRANSACTION_EFFECT_SEED === undefined ? [] : run.log;
    return [`ZIPPY_TRANSACTION_EFFECT_SEED=${seed}`, ...found, ...logs].join('\n');
  }
  run.finish();
  onEnd(run);
  return '';
}

test('transactions hand on what they did, and leave nothing of what they did not', () => {
  const found: string[] = [];
  let committed = 0;
  let rolledBack = 0;
  for (const seed of seeds()) {
    const difference = differences(seed, (run) => {
      committed += run.committed;
      rolledBack += run.rolledBack;
    });
    if (difference !== '') found.push(difference);
    if (found.length === 5) break;
  }
  expect(found.join('\n\n')).toBe('');
  expect(committed).toBeGreaterThan(10);
  expect(rolledBack).toBeGreaterThan(3);
}, 600_000);

test('whoever begins to follow while a transaction is open hears all of it at its commit', () => {
  const engine = new Engine();
  engine.run('BEGIN');
  engine.run('SET', 'gone', 'x');
  engine.run('HSET', 'h', 'f', 'v', 'g', 'w');
  engine.run('SELECT', 1);
  engine.run('RPUSH', 'l', 'a');
  const replica = new Replica(engine, 1);
  engine.run('RPUSH', 'l', 'b');
  engine.run('SELECT', 0);
  engine.run('DEL', 'gone');
  expect(engine.run('COMMIT')).toBe('OK');
  expect(replica.problems).toEqual([]);
  expect(contentsOf(replica.engine)).toEqual(contentsOf(engine));
  expect(contentsOf(engine).join()).toContain('l');
});
