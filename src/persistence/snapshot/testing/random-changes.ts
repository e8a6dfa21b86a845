/** Random changes of all kinds, for tests of what is saved while they are made. */
import { type Engine, type EngineArgument, waiting } from '#commands/testing/engine.ts';
import type { WrittenReply } from '#commands/testing/recording-reply.ts';
import type { Draw } from '../../../../test/differential/draw.ts';
import { families } from '../../../../test/differential/families.ts';

const notOfData = new Set(['connection', 'server', 'pubsub']);
const ofData = families.filter(({ name }) => !notOfData.has(name));
export const databases = 3;
/** Far more than it takes to save all there is. */
const stepsMax = 100_000;
/** Directives that have little kept in compact forms. */
export const small = [
  ...['hash-max-listpack-entries', '2', 'set-max-listpack-entries', '2'],
  ...['set-max-intset-entries', '2', 'zset-max-listpack-entries', '2'],
  ...['list-max-listpack-size', '2'],
];

/** What there is to do with the replies. */
export interface Witness {
  onDifference(replies: unknown, other: unknown): void;
  /** A command waits for a value to be saved: to be called until it has been. */
  goOnSaving(): void;
}

/** Takes a step of random commands: of a type, or those that move whole keys and databases about. */
export function doSomething(draw: Draw, engines: readonly Engine[], witness: Witness): void {
  const run = (command: readonly EngineArgument[]) => {
    // Half of them cannot wait.
    const isSynchronous = draw.chance(0.5);
    return engines.map((engine) => runToEnd(engine, command, isSynchronous, witness));
  };
  if (draw.chance(0.12)) {
    const database = () => draw.integer(0, databases - 1);
    const name = draw.pick(['a', 'b', 'c', 'k', 'key', 'dst', 'src']);
    const command = draw.pick([
      ['SELECT', database()],
      ['SELECT', database()],
      ['SWAPDB', database(), database()],
      ['MOVE', name, database()],
      ['COPY', name, 'copied', 'DB', database(), 'REPLACE'],
      ['RENAME', name, 'renamed'],
      ['PEXPIRE', name, 5],
      ['FLUSHDB', draw.pick(['SYNC', 'ASYNC'])],
      ['FLUSHALL'],
    ]);
    run(command);
    return;
  }
  const generator = draw.pickWeighted(draw.pickWeighted(ofData).generators);
  for (const part of generator.draw(draw)) {
    const command = part.kind === 'exchange' ? part.command : [...part.before, '0', ...part.after];
    const [replies, ...others] = run(command);
    // Whoever saves what a command is about to change does not get in its way.
    for (const other of others) witness.onDifference(replies, other);
  }
}

function runToEnd(
  { client }: Engine,
  command: readonly EngineArgument[],
  isSynchronous: boolean,
  { goOnSaving }: Witness,
): readonly WrittenReply[] {
  // One that waits for a key sends no more in earnest, nor waits for two things.
  client.connection.isSynchronous = isSynchronous || client.client.isBlocked;
  for (;;) {
    const replies = client.runAll(...command);
    if (replies !== waiting) return replies;
    for (let steps = 0; client.client.isBlocked; steps++) {
      if (steps > stepsMax) throw new Error(`${command.join(' ')} waits for ever`);
      goOnSaving();
    }
  }
}
