/**
 * An engine that knows of another only its effects, and executes them as a replica does, or a server that loads an
 * append-only log. What could come out the same by luck is different: the seed of its randomness, the seed of its hashes, its
 * number of shards, and its clock, which runs later by less than the shortest time that the sequences let a key live.
 */
import { Engine, type EngineClient } from '#commands/testing/engine.ts';
import type { ReplyValue } from '#commands/testing/recording-reply.ts';
import { ManualClock } from '#platform/clock.ts';
import type { EffectFollower } from '#session/effect-feed.ts';

const startMs = 1_700_000_000_000;
const lateByMs = 4_321_987;

/** Alters an effect on its way, or drops it: how the canaries plant slips. */
export type Tamper = (words: readonly Buffer[]) => readonly Buffer[] | undefined;

export class Replica implements EffectFollower {
  readonly engine: Engine;
  /** What was executed, for a report. */
  readonly log: string[] = [];
  /** What an effect was answered that cannot be meant. */
  readonly problems: string[] = [];
  private readonly client: EngineClient;
  private readonly tamper: Tamper;

  constructor(source: Engine, seed: number, tamper: Tamper = (words) => words) {
    const clock = new ManualClock(startMs + lateByMs);
    this.engine = new Engine({ seed: seed + 7919, shards: 2, clock });
    this.client = this.engine.connect(3);
    this.tamper = tamper;
    source.coordination.effects.follow(this);
  }

  onEffects(bytes: Buffer, at: number, length: number, database: number): void {
    for (const words of commandsIn(bytes.subarray(at, at + length))) {
      const effect = this.tamper(words);
      if (effect !== undefined) this.execute(effect);
    }
    if (this.client.session.database.index !== database) this.problems.push('another database');
  }

  private execute(words: readonly Buffer[]): void {
    const text = textOf(words);
    this.log.push(text);
    const reply = this.client.run(...words);
    if (this.client.client.isBlocked) this.problems.push(`${text} waits`);
    if (hasError(reply)) this.problems.push(`${text} is answered ${String(reply)}`);
  }
}

/** Words as they are shown: printable, long ones cut. */
export function textOf(words: readonly (Buffer | string)[]): string {
  return words
    .map((word) => JSON.stringify(word.toString('latin1')).slice(1, -1))
    .map((word) => (word.length > 60 ? `${word.slice(0, 60)}…` : word || '""'))
    .join(' ');
}

/** A corrupted value may be found to be so when half of the work is done, here as there. */
const halfDone = /^INVALIDOBJ/;

function hasError(reply: ReplyValue | undefined | symbol): boolean {
  return (
    (reply instanceof Error && !halfDone.test(reply.message)) ||
    (Array.isArray(reply) && reply.some(hasError))
  );
}

/** Requests in RESP, as the feed hands them on. */
function* commandsIn(bytes: Buffer): Generator<Buffer[]> {
  let at = 0;
  const count = (): number => {
    const end = bytes.indexOf('\r\n', at);
    const value = Number(bytes.toString('latin1', at + 1, end));
    at = end + 2;
    return value;
  };
  while (at < bytes.length) {
    yield Array.from({ length: count() }, () => {
      const length = count();
      const word = Buffer.from(bytes.subarray(at, at + length));
      at += length + 2;
      return word;
    });
  }
}
