/**
 * Watches over how long scripts run, from the hook that the machine calls once in some 100 000 instructions, a millisecond or two.
 *
 * A script that has run for busy-reply-threshold is *busy*: from there on it is suspended at every hook for a turn of the
 * event loop, in which everybody gets -BUSY, and may kill it as long as it has not written anything. Then
 * half of its effects would stay; so one that has goes on until it ends, or the server is told to stop.
 *
 * Where the runtime cannot suspend, the watchdog itself ends a script at the threshold, if that has not written.
 */
import { type ErrorReply, errors } from '#commands/errors.ts';
import type { ScriptKind } from '#commands/scripts.ts';
import type { Config } from '#config/config.ts';
import { MachineLost } from '#lua/host.ts';
import type { LuaVm } from '#lua/vm.ts';
import type { Clock } from '#platform/clock.ts';
import type { Run } from './run.ts';

/** Redis's limit for the code of a library, which only registers functions. */
const loadMsMax = 500;

const busy: Readonly<Record<ScriptKind, ErrorReply>> = {
  script: errors.busy,
  function: { ...errors.busy, text: errors.busy.text.replace('SCRIPT', 'FUNCTION') },
};
const notBusy: ErrorReply = {
  code: 'NOTBUSY',
  text: 'No scripts in execution right now.',
  status: 'failed-precondition',
};
const unkillable: ErrorReply = {
  code: 'UNKILLABLE',
  text: 'Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
  status: 'failed-precondition',
};

export interface WatchdogParts {
  readonly config: Config;
  readonly clock: Clock;
  /** Whether a log is being loaded: what was done once is done, however long it takes. */
  readonly isLoading: () => boolean;
  /** Calls back when everything else has had its turn. */
  readonly afterTurn: (run: () => void) => void;
  /** Levels are Redis's: 0 for debug to 3 for warnings. */
  readonly log: (level: number, text: string) => void;
}

export class Watchdog {
  /** What runs, and since when the code of a library is being loaded. */
  run: Run | undefined;
  loadStartMs: number | undefined;
  private isAbandoned = false;
  private readonly parts: WatchdogParts;

  constructor(parts: WatchdogParts) {
    this.parts = parts;
  }

  /** What others are answered while a script is suspended. */
  get refusal(): ErrorReply | undefined {
    const { run } = this;
    return run === undefined ? undefined : busy[run.kind];
  }

  /** The machine's hook. */
  check(vm: LuaVm): Promise<void> | undefined {
    const { run, loadStartMs, parts } = this;
    const nowMs = parts.clock.monotonicMs();
    if (loadStartMs !== undefined && nowMs - loadStartMs > loadMsMax) {
      throw new MachineLost('Error registering functions: ERR FUNCTION LOAD timeout');
    }
    if (run === undefined || parts.isLoading()) return undefined;
    if (run.isKilled) {
      const how = 'Script killed by user with SCRIPT KILL...';
      throw new MachineLost(`${how} script: ${run.name}, on @${vm.line}.`);
    }
    if (run.isBusy) return this.turn();
    const limitMs = parts.config.get('busy-reply-threshold');
    if (limitMs <= 0 || nowMs - run.startMs < limitMs) return undefined;
    if (vm.calls.isSuspendable) return this.becomeBusy(run, nowMs);
    if (run.hasWritten) return undefined;
    throw new MachineLost('Error running script: it ran longer than busy-reply-threshold allows');
  }

  /** Has a busy script end at its next hook; or says why not. */
  kill(kind: ScriptKind): ErrorReply | undefined {
    const { run } = this;
    if (run === undefined) return notBusy;
    if (run.hasWritten) return unkillable;
    if (run.kind !== kind) return busy[run.kind];
    run.isKilled = true;
    return undefined;
  }

  private becomeBusy(run: Run, nowMs: number): Promise<void> {
    run.isBusy = true;
    const sinceMs = Math.round(nowMs - run.startMs);
    this.parts.log(
      3,
      `Slow script detected: still in execution after ${sinceMs} milliseconds. You can try killing the script using the ${run.kind.toUpperCase()} KILL command. Script name is: ${run.name}.`,
    );
    return this.turn();
  }

  /** Lets nothing that is suspended go on any more: the server stops. */
  abandon(): void {
    this.isAbandoned = true;
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isAbandoned) this.parts.afterTurn(resolve);
    });
  }
}
