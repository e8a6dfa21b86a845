/**
 * Where a transfer was when it was interrupted: a small file that is there while one is under way, and gone when it is done. It is
 * replaced before and after every batch, at one stroke.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from '../failure.ts';
import type { Position } from './entry.ts';

export interface Progressed {
  /** None before the first batch. */
  readonly position?: Position;
  /** Whether the batch after it was begun, and may have arrived in part. */
  readonly isBegun: boolean;
  readonly mark: Position;
  readonly copied: number;
  readonly skipped: number;
}

export class Checkpoint {
  readonly path: string;
  /** What is carried where: going on with something else would leave a mixture. */
  private readonly subject: string;

  constructor(path: string, subject: string) {
    this.path = path;
    this.subject = subject;
  }

  /** Where to go on; undefined if nothing was interrupted. Throws a Failure if something else was. */
  load(): Progressed | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return undefined;
    }
    const found = parse(text, this.path);
    if (found.subject !== this.subject) {
      throw new Failure(
        `${this.path} is of something else: ${found.subject}; --restart begins anew`,
      );
    }
    return found;
  }

  save(progressed: Progressed): void {
    const temporary = `${this.path}.tmp`;
    writeFileSync(temporary, JSON.stringify({ subject: this.subject, ...progressed }));
    renameSync(temporary, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/** Throws a Failure for what no checkpoint wrote. */
function parse(text: string, path: string): Progressed & { readonly subject: string } {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null && 'subject' in found && 'mark' in found) {
      // It is replaced at one stroke, so what begins like one is whole.
      return found as Progressed & { readonly subject: string };
    }
  } catch {}
  throw new Failure(`${path} does not tell how far it was; --restart begins anew`);
}
