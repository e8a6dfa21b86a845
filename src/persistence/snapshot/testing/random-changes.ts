/** Random changes of all kinds, for tests of what is saved while they are made. */
import type { Engine } from '#commands/testing/engine.ts';
import type { Draw } from '../../../../test/differential/draw.ts';
import { families } from '../../../../test/differential/families.ts';

const notOfData = new Set(['connection', 'server', 'pubsub']);
const ofData = families.filter(({ name }) => !notOfData.has(name));
export const databases = 3;
/** Directives that have little kept in compact forms. */
export const small = [
  ...['hash-max-listpack-entries', '2', 'set-max-listpack-entries', '2'],
  ...['set-max-intset-entries', '2', 'zset-max-listpack-entries', '2'],
  ...['list-max-listpack-size', '2'],
];

/** Takes a step of random commands: of a type, or those that move whole keys and databases about. */
export function doSomething(
  draw: Draw,
  engines: readonly Engine[],
  onDifference: (replies: unknown, other: unknown) => void,
): void {
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
    for (const engine of engines) engine.run(...command);
    return;
  }
  const generator = draw.pickWeighted(draw.pickWeighted(ofData).generators);
  for (const part of generator.draw(draw)) {
    const command = part.kind === 'exchange' ? part.command : [...part.before, '0', ...part.after];
    const [replies, ...others] = engines.map(({ client }) => client.runAll(...command));
    // Whoever saves what a command is about to change does not get in its way.
    for (const other of others) onDifference(replies, other);
  }
}
