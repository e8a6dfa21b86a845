/**
 * Zippy and redis-server are given the same random commands and must give the same replies.
 *
 * `ZIPPY_SEED=n` replays one seed, `ZIPPY_SEEDS=n` says how many to run, `ZIPPY_FINDINGS=n` how many
 * different findings to collect before giving up. The last test plants a wrong reply, to show that the
 * comparison would see one.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { redisAvailable, startRedis, startZippy, zippyAvailable } from '../kit/servers.ts';
import { explore, familiesFor, report } from './explore.ts';
import { families } from './families.ts';
import { Peer, type Tamper } from './peer.ts';

const seedsDefault = 400;
const stepCount = 200;
const timeoutMs = 600_000;

function seeds(): number[] {
  if (process.env.ZIPPY_SEED !== undefined) return [Number(process.env.ZIPPY_SEED)];
  const count = Number(process.env.ZIPPY_SEEDS ?? seedsDefault);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Numbers above two are told one too many. */
const oneTooMany: Tamper = (command, outcome) =>
  String(command[0]).toUpperCase() === 'STRLEN' && outcome.type === 'int' && outcome.value > 2n
    ? { ...outcome, value: outcome.value + 1n }
    : outcome;

describe.skipIf(!redisAvailable())('random command sequences', () => {
  const reference = new Peer('redis', startRedis);
  afterAll(() => reference.stop());

  test.skipIf(!zippyAvailable())(
    'get the same replies from Zippy as from redis-server',
    async () => {
      const subject = new Peer('zippy', startZippy);
      try {
        const pair = { reference, subject };
        const findings = await explore(pair, await familiesFor(pair, families), {
          seeds: seeds(),
          stepCount,
          findingsMax: Number(process.env.ZIPPY_FINDINGS ?? 5),
        });
        expect.soft(findings.length, `\n${report(findings, { subject: 'zippy' })}\n`).toBe(0);
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

  test('give away one wrong reply, reduced to the commands that bring it about', async () => {
    const subject = new Peer('canary', startRedis, oneTooMany);
    try {
      const pair = { reference, subject };
      const options = { seeds: [1, 2, 3, 4, 5, 6, 7, 8], stepCount, findingsMax: 1 };
      const [finding] = await explore(pair, families, options);
      expect(finding?.steps.length).toBe(2);
      expect(finding?.difference.command.join(' ')).toMatch(/^strlen/i);
      expect(report(finding === undefined ? [] : [finding], { subject: 'canary' })).toMatch(
        /replay with ZIPPY_SEED=[1-8]\n.*\n.*strlen.*\n.*\n.*redis: int \d+\n.*canary: int \d+/i,
      );
    } finally {
      await subject.stop();
    }
  });
});
