/** What commands ask of the floor that runs scripts: Lua programs that run as one, and libraries of functions. */
import type { Context } from './context.ts';
import type { ErrorReply } from './errors.ts';

/** A call of a script or a function, as the request at hand has it. */
export interface ScriptCall {
  /** The words of the request that are keys: `keyCount` from `firstKey` on. All behind them are arguments. */
  readonly firstKey: number;
  readonly keyCount: number;
  /** EVAL_RO and the like: writing is refused. */
  readonly isReadOnly: boolean;
}

/** What SCRIPT KILL ends, and what FUNCTION KILL ends. */
export type ScriptKind = 'script' | 'function';

/** A function that runs, as FUNCTION STATS tells of it. */
export interface RunningFunction {
  readonly name: string;
  /** The request that called it. */
  readonly words: readonly Buffer[];
  readonly durationMs: number;
}

/** One function of a library. */
export interface FunctionFacts {
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: readonly string[];
}

export interface Library {
  readonly name: string;
  readonly code: Buffer;
  readonly functions: readonly FunctionFacts[];
}

/** What FUNCTION RESTORE does with the libraries there are. */
export type RestorePolicy = 'APPEND' | 'FLUSH' | 'REPLACE';

export interface Scripts {
  /** Scripts that EVALSHA knows. */
  readonly scriptCount: number;
  readonly functionCount: number;
  /** Bytes that the Lua machine has, 0 before the first script. */
  readonly memoryBytes: number;
  /** Runs a script and answers its client. */
  evaluate(context: Context, source: Buffer, call: ScriptCall): void;
  /** The same, of a script that is known by its digest. */
  evaluateKnown(context: Context, sha: string, call: ScriptCall): void;
  /** Makes a script known, without running it. Returns its digest. */
  loadScript(source: Buffer): string | ErrorReply;
  isKnown(sha: string): boolean;
  /** Forgets all scripts. */
  flushScripts(): void;
  /** What is refused while a script takes long is refused with this; undefined while none does. */
  readonly busyRefusal: ErrorReply | undefined;
  /** Ends the script or function that takes long; or says why not. */
  kill(kind: ScriptKind): ErrorReply | undefined;
  /** The function that takes long, if one does. */
  readonly runningFunction: RunningFunction | undefined;

  readonly libraries: ReadonlyMap<string, Library>;
  hasFunction(name: string): boolean;
  callFunction(context: Context, name: string, call: ScriptCall): void;
  /** Returns the library's name. */
  loadLibrary(code: Buffer, replaces: boolean): string | ErrorReply;
  deleteLibrary(name: string): boolean;
  flushLibraries(): void;
  /** Loads several libraries, all or none. */
  restoreLibraries(codes: readonly Buffer[], policy: RestorePolicy): ErrorReply | undefined;
}
