/**
 * Zippy and redis-server are given the same random commands and must give the same replies.
 *
 * `ZIPPY_SEED=n` replays one seed, `ZIPPY_SEEDS=n` says how many to run, `ZIPPY_FINDINGS=n` how many
 * different findings to collect before giving up, `ZIPPY_FAMILIES=strings,keys` which families take part.
 * The last tests plant wrong replies, to show that the comparison sees them.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Reply } from '../kit/resp-reply.ts';
import { redisAvailable, startRedis, startZippy, zippyAvailable } from '../kit/servers.ts';
import { explore, familiesFor, report } from './explore.ts';
import { families } from './families.ts';
import type { Family } from './family.ts';
import { type Outcome, Peer, type Tamper } from './peer.ts';

/** The families asked for, or all; fewer families mean other sequences for the same seeds. */
function chosenFamilies(): Family[] {
  const names = process.env.ZIPPY_FAMILIES?.split(',');
  return families.filter(({ name }) => names === undefined || names.includes(name));
}

const seedsDefault = 800;
const stepCount = 200;
const timeoutMs = 600_000;

function seeds(): number[] {
  if (process.env.ZIPPY_SEED !== undefined) return [Number(process.env.ZIPPY_SEED)];
  return seedsTo(Number(process.env.ZIPPY_SEEDS ?? seedsDefault));
}

function seedsTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Alters the answers of one command, where they match; the others pass. */
function altering(name: string, alter: (outcome: Outcome) => Outcome): Tamper {
  return (command, outcome) =>
    String(command[0]).toUpperCase() === name ? alter(outcome) : outcome;
}

/** Wrong replies, and how many steps are enough to bring each about. */
const canaries: readonly [what: string, stepsMax: number, command: RegExp, tamper: Tamper][] = [
  [
    // One command may make the value under another name, and one give it this one.
    'a length that is one too much',
    3,
    /^strlen/i,
    altering('STRLEN', (outcome) =>
      outcome.type === 'int' && outcome.value > 2n
        ? { ...outcome, value: outcome.value + 1n }
        : outcome,
    ),
  ],
  [
    'another null than the protocol’s',
    1,
    /^get/i,
    altering('GET', (outcome) =>
      outcome.type === 'null' ? { type: 'null', form: 'array' } : outcome,
    ),
  ],
  [
    // Two commands may make the keys that a third is refused.
    'one letter of an error',
    3,
    /^bitop/i,
    altering('BITOP', (outcome) =>
      outcome.type === 'error' ? { ...outcome, text: outcome.text.replace('a', 'e') } : outcome,
    ),
  ],
  [
    'a key that a scan leaves out',
    5,
    /^scan/i,
    altering('SCAN', (outcome) => {
      const keys = outcome.type === 'array' ? outcome.items[1] : undefined;
      if (outcome.type !== 'array' || keys?.type !== 'array' || keys.items.length < 3)
        return outcome;
      const fewer: Reply = { ...keys, items: keys.items.slice(1) };
      return { ...outcome, items: [...outcome.items.slice(0, 1), fewer] };
    }),
  ],
  [
    // One command may make the key and another its expiry: which key is seen first is up to redis-server's seed.
    'an expiry that is a minute off, seen in the keyspace only',
    2,
    /^pttl/i,
    altering('PTTL', (outcome) =>
      outcome.type === 'int' && outcome.value > 0n
        ? { ...outcome, value: outcome.value + 60_000n }
        : outcome,
    ),
  ],
  ['a lost connection', 1, /^echo/i, altering('ECHO', () => ({ type: 'lost', reason: 'canary' }))],
];

describe.skipIf(!redisAvailable())('random command sequences', () => {
  const reference = new Peer('redis', startRedis);
  afterAll(() => reference.stop());

  test.skipIf(!zippyAvailable())(
    'get the same replies from Zippy as from redis-server',
    async () => {
      const subject = new Peer('zippy', startZippy);
      try {
        const pair = { reference, subject };
        const findings = await explore(pair, await familiesFor(pair, chosenFamilies()), {
          seeds: seeds(),
          stepCount,
          findingsMax: Number(process.env.ZIPPY_FINDINGS ?? 5),
        });
        expect(findings.length, `\n${report(findings, { subject: 'zippy' })}\n`).toBe(0);
      } finally {
        await subject.stop();
      }
    },
    timeoutMs,
  );

  test('get the same replies from two redis-servers', async () => {
    const subject = new Peer('redis', startRedis);
    try {
      const pair = { reference, subject };
      const options = { seeds: seeds().slice(0, 30), stepCount, findingsMax: 5 };
      const findings = await explore(pair, families, options);
      expect(findings.length, `\n${report(findings, { subject: 'other redis' })}\n`).toBe(0);
    } finally {
      await subject.stop();
    }
  });

  test.each(canaries)(
    'give away %s, reduced to the commands that bring it about',
    async (_, stepsMax, command, tamper) => {
      const subject = new Peer('canary', startRedis, tamper);
      try {
        const pair = { reference, subject };
        const options = { seeds: seedsTo(24), stepCount, findingsMax: 1 };
        // A transaction is one step of many commands, which nothing makes shorter.
        const single = families.filter(({ name }) => name !== 'transactions');
        const findings = await explore(pair, single, options);
        expect(findings.length).toBe(1);
        expect(findings[0]?.steps.length).toBeLessThanOrEqual(stepsMax);
        expect(findings[0]?.difference.command.join(' ')).toMatch(command);
        expect(report(findings, { subject: 'canary' })).toMatch(
          /replay with ZIPPY_SEED=\d+\n.*compared by: [\s\S]*redis: .*\n *canary: /s,
        );
      } finally {
        await subject.stop();
      }
    },
  );
});
