/** Which calls of the simulated disk fail, and how. */
import type { SeededRandom } from '../random.ts';
import { happens } from './drawing.ts';

/** A call of the disk. */
export interface DiskCall {
  readonly kind:
    | 'open'
    | 'list'
    | 'exists'
    | 'rename'
    | 'remove'
    | 'makeDirectory'
    | 'syncDirectory'
    | 'read'
    | 'append'
    | 'sync'
    | 'truncate'
    | 'length'
    | 'close';
  /** The file or directory that it is about; of a move, the old name. */
  readonly name: string;
}

export interface Failure {
  readonly code: 'ENOSPC' | 'EIO';
  /** Which calls it is about; all if not given. */
  readonly of?: (call: DiskCall) => boolean;
  /** How many of them succeed first. */
  readonly after?: number;
  /** How many of them fail then, before all is well again; without end if not given. */
  readonly times?: number;
  /** How likely each of them is to fail; sure if not given. */
  readonly chance?: number;
}

/** An error as the system gives it. */
export function systemError(code: string, { kind, name }: DiskCall): Error {
  return Object.assign(new Error(`${code}: ${kind} '${name}'`), { code, syscall: kind });
}

export class DiskFailures {
  private readonly random: SeededRandom;
  private readonly rules = new Set<{ failure: Failure; met: number; failed: number }>();

  constructor(random: SeededRandom) {
    this.random = random;
  }

  /** Returns how to take it back. */
  add(failure: Failure): () => void {
    const rule = { failure, met: 0, failed: 0 };
    this.rules.add(rule);
    return () => this.rules.delete(rule);
  }

  clear(): void {
    this.rules.clear();
  }

  /** The error that this call is to fail with. */
  errorOf(call: DiskCall): Error | undefined {
    for (const rule of this.rules) {
      const { code, of, after = 0, times = Infinity, chance = 1 } = rule.failure;
      if (of !== undefined && !of(call)) continue;
      if (rule.met++ < after || rule.failed >= times || !happens(this.random, chance)) continue;
      rule.failed++;
      return systemError(code, call);
    }
    return undefined;
  }
}
