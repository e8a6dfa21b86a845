/**
 * The simplest persistence that keeps its promises: every effect is appended to one file, which is synced as the policy says. It
 * is there to test the harness (history.ts), which has to find it sound, and unsound with each of the flaws it can be given.
 */
import type { Engine } from '#commands/testing/engine.ts';
import type { Disk, DiskFile } from '#platform/disk.ts';
import type { Attachment, Persistence } from './history.ts';

/** Mistakes that persistence makes. */
export type Flaw =
  /** Acknowledges what is written before it is synced. */
  | 'acknowledges-early'
  /** Forgets what had not been written when a write failed. */
  | 'drops-failed-writes'
  /** Leaves half a command at the end of the file, and appends to it. */
  | 'keeps-torn-tail'
  /** Takes the end of a transaction as optional. */
  | 'applies-half-units'
  /** Does not make sure of the file's name. */
  | 'forgets-directory'
  /** Has keys expire while it loads. */
  | 'expires-while-loading'
  /** Does not write what comes while something is being written. */
  | 'loses-while-busy'
  /** Does not sync by itself. */
  | 'never-syncs';

const fileName = 'log';
const syncEveryMs = 1000;

export class ReferenceLog implements Persistence {
  readonly keeps = 'any-later';
  readonly syncsInTime: boolean;
  private readonly policy: 'always' | 'everysec' | 'no';
  private readonly flaw: Flaw | undefined;

  constructor(policy: 'always' | 'everysec' | 'no', flaw?: Flaw) {
    this.policy = policy;
    this.flaw = flaw;
    this.syncsInTime = policy !== 'no';
  }

  async attach(engine: Engine, disk: Disk): Promise<Attachment> {
    const file = await disk.open(fileName, 'append');
    if (this.flaw !== 'forgets-directory') await disk.syncDirectory();
    const writer = new LogWriter(file, await file.length(), engine, this.flaw);
    const { policy } = this;
    return {
      ...(policy === 'always'
        ? { acknowledge: () => writer.flush(this.flaw !== 'acknowledges-early') }
        : {}),
      tick: () => {
        const isDue = policy === 'everysec' && this.flaw !== 'never-syncs';
        writer.flush(policy === 'always' || (isDue && writer.isSyncDue())).catch(() => {});
      },
      close: async () => {
        await writer.flush(true);
        await file.close();
      },
    };
  }

  async recover(disk: Disk, engine: Engine): Promise<void> {
    const file = await disk.open(fileName, 'append');
    const bytes = Buffer.alloc(await file.length());
    await file.read(bytes, 0, bytes.length, 0);
    const { units, end } = parseLog(bytes, this.flaw === 'applies-half-units');
    if (this.flaw !== 'keeps-torn-tail') await file.truncate(end);
    await file.sync();
    await file.close();
    // No deadline comes before time passes.
    const nowMs = engine.clock.nowMs();
    const isTimeless = this.flaw !== 'expires-while-loading';
    if (isTimeless) engine.clock.advance(-nowMs);
    const client = engine.connect();
    for (const words of units) client.run(...words);
    if (isTimeless) engine.clock.advance(nowMs);
  }
}

/** Writes what an engine does, one batch after another. */
class LogWriter {
  private readonly file: DiskFile;
  private readonly engine: Engine;
  private readonly flaw: Flaw | undefined;
  private pending: Buffer[] = [];
  /** How much of the file is known to be whole. */
  private length: number;
  private isDamaged = false;
  private last: Promise<void> = Promise.resolve();
  private syncedAtMs = 0;
  private isBusy = false;

  constructor(file: DiskFile, length: number, engine: Engine, flaw: Flaw | undefined) {
    this.file = file;
    this.length = length;
    this.engine = engine;
    this.flaw = flaw;
    engine.coordination.effects.follow({
      onEffects: (bytes, at, length) => {
        if (this.flaw === 'loses-while-busy' && this.isBusy) return;
        this.pending.push(Buffer.from(bytes.subarray(at, at + length)));
      },
    });
  }

  isSyncDue(): boolean {
    return this.engine.clock.monotonicMs() - this.syncedAtMs >= syncEveryMs;
  }

  /** Writes what there is, and syncs if told to. Rejects if that failed; it is tried again with the next. */
  flush(syncs: boolean): Promise<void> {
    const flushed = this.last.then(() => this.write(syncs));
    this.last = flushed.catch(() => {});
    return flushed;
  }

  private async write(syncs: boolean): Promise<void> {
    const { file, flaw } = this;
    if (this.isDamaged) {
      await file.truncate(this.length);
      this.isDamaged = false;
    }
    const pending = this.pending.splice(0);
    this.isBusy = true;
    try {
      const bytes = Buffer.concat(pending);
      this.isDamaged = bytes.length > 0;
      if (bytes.length > 0) await file.append(bytes);
      this.isDamaged = false;
      this.length += bytes.length;
    } catch (error) {
      if (flaw !== 'drops-failed-writes') this.pending.unshift(...pending);
      throw error;
    } finally {
      this.isBusy = false;
    }
    if (!syncs) return;
    await file.sync();
    this.syncedAtMs = this.engine.clock.monotonicMs();
  }
}

type Words = readonly Buffer[];

/** The commands of a log, and where the last whole unit ends. */
function parseLog(bytes: Buffer, takesHalfUnits: boolean): { units: Words[]; end: number } {
  const units: Words[] = [];
  let unit: Words[] | undefined;
  let end = 0;
  for (let at = 0; ; ) {
    const command = parseCommand(bytes, at);
    if (command === undefined) break;
    at = command.end;
    const name = command.words[0]?.toString().toUpperCase();
    if (name === 'MULTI') unit = [];
    else if (name === 'EXEC') {
      units.push(...(unit ?? []));
      unit = undefined;
    } else if (unit !== undefined && !takesHalfUnits) unit.push(command.words);
    else units.push(command.words);
    if (unit === undefined || takesHalfUnits) end = at;
  }
  return { units, end };
}

/** The command that begins at `at`; undefined if it is not whole. */
function parseCommand(bytes: Buffer, at: number): { words: Words; end: number } | undefined {
  const lineOf = (type: string, from: number) => {
    const end = bytes.indexOf('\r\n', from);
    const [, count] = /^[*$](\d+)$/.exec(bytes.toString('latin1', from, Math.max(end, from))) ?? [];
    if (count === undefined || bytes.toString('latin1', from, from + 1) !== type) return undefined;
    return { count: Number(count), end: end + 2 };
  };
  const head = lineOf('*', at);
  if (head === undefined) return undefined;
  const words: Buffer[] = [];
  let { end } = head;
  for (let i = 0; i < head.count; i++) {
    const word = lineOf('$', end);
    if (word === undefined || word.end + word.count + 2 > bytes.length) return undefined;
    words.push(bytes.subarray(word.end, word.end + word.count));
    end = word.end + word.count + 2;
  }
  return { words, end };
}
