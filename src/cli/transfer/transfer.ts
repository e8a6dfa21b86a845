/**
 * Carries everything from a source to a target, a batch at a time, the next being fetched while one is written. After each, the
 * checkpoint says where to go on; Ctrl-C ends it between two.
 */
import { exitCode } from '../failure.ts';
import { Interruption } from '../terminal/interruption.ts';
import { Progress } from '../terminal/progress.ts';
import { countOf } from '../terminal/units.ts';
import type { Checkpoint, Progressed } from './checkpoint.ts';
import type { Source, Tally, Target } from './entry.ts';

/** Returns the exit code. Throws a Failure; what has arrived until then is kept, and the checkpoint. */
export async function transfer(
  source: Source,
  target: Target,
  checkpoint: Checkpoint,
  from: Progressed | undefined,
): Promise<number> {
  using interruption = new Interruption();
  const progress = new Progress(source.total);
  const tally: Tally = { copied: from?.copied ?? 0, skipped: from?.skipped ?? 0 };
  if (from === undefined) await target.functions(await source.functions());
  else say(`going on after ${countOf(tally.copied, 'key')}`);
  let isRepeated = from?.isBegun === true;
  let before: Omit<Progressed, 'isBegun'> = { ...from, mark: target.mark, ...tally };
  try {
    const batches = source.batches(from?.position);
    for (let next = await batches.next(); next.done !== true; ) {
      const { entries, position, done } = next.value;
      const fetching = batches.next();
      // It is awaited below; until then nobody else would see it fail.
      fetching.catch(() => {});
      if (!isRepeated) await target.check(entries);
      checkpoint.save({ ...before, isBegun: true });
      const { copied, skipped } = await target.write(entries, isRepeated);
      isRepeated = false;
      tally.copied += copied;
      tally.skipped += skipped;
      before = { position, mark: target.mark, ...tally };
      checkpoint.save({ ...before, isBegun: false });
      progress.show(done, countOf(tally.copied, 'key'));
      if (interruption.isAsked) return told(progress, tally, checkpoint);
      next = await fetching;
    }
    await target.finish();
  } finally {
    progress.end();
  }
  checkpoint.remove();
  say(`copied ${countOf(tally.copied, 'key')}${skippedText(tally)}`);
  return exitCode.success;
}

function told(progress: Progress, tally: Tally, { path }: Checkpoint): number {
  progress.end();
  say(`interrupted after ${countOf(tally.copied, 'key')}; the same command goes on (${path})`);
  return exitCode.interrupted;
}

function skippedText({ skipped }: Tally): string {
  return skipped === 0 ? '' : `, left ${countOf(skipped, 'key')} that were there as they are`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
