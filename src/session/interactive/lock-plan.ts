/**
 * Which locks a request needs, read off its command's declaration: the keys it names, shared or exclusive as its grammar says
 * what is done to them, and whole databases where it touches keys that it does not name. Of EXEC, what all that is queued needs.
 *
 * One plan is filled again for each request, without allocating once it has grown. Keys point into the requests.
 */
import type { Command, Reach } from '#commands/command.ts';
import { keyPositionsOf, keySpecsOf } from '#commands/derive/key-specs.ts';
import type { KeyAccess } from '#commands/grammar.ts';
import type { Request } from '#commands/request.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { Slice } from '#memory/slice.ts';
import { parseInteger } from '#types/int64.ts';
import { keyRangeOf } from '../acl/access-words.ts';
import { type LockMode, lockMode } from '../locking/lock-mode.ts';
import type { Session } from '../session.ts';

/** A lock that a request needs. Of a key, that of its database with the intention to is needed too. */
export interface LockNeed {
  database: number;
  isKey: boolean;
  readonly key: Slice;
  hash: number;
  mode: LockMode;
}

/** What is known of a command from its declaration. */
interface KeyUse {
  readonly hasKeys: boolean;
  /** Whether what is done to a key follows from the declaration, and is then {@link KeyUse.isExclusive} for all. */
  readonly isUniform: boolean;
  readonly isExclusive: boolean;
  readonly onlyRemoves: boolean;
}

/** By a command's id. */
const uses: (KeyUse | undefined)[] = [];

/** Whether a request for the command reads or changes keys, so that an open transaction is of interest to it. */
export function touchesData(command: Command): boolean {
  return useOf(command).hasKeys || command.facts.reaches !== undefined;
}

/** Whether a request for the command may change keys that it names, other than by removing them. */
export function mayChangeKeys(command: Command): boolean {
  const { hasKeys, isUniform, isExclusive, onlyRemoves } = useOf(command);
  return hasKeys && !onlyRemoves && (isExclusive || !isUniform);
}

function useOf(command: Command): KeyUse {
  const known = uses[command.id];
  if (known !== undefined) return known;
  const specs = keySpecsOf(command).filter(({ access }) => !access.includes('not_key'));
  const exclusive = specs.map(({ access }) => isExclusive(access));
  // XREADGROUP names its keys as read, and moves what their groups have delivered.
  const isExclusiveByFlag = command.isWrite && !exclusive.includes(true);
  const { group, onlyNamesKeys } = command.facts;
  const use = {
    // A script's commands touch the keys that it names; WATCH and its like do not.
    hasKeys: specs.length > 0 && (onlyNamesKeys !== true || group === 'scripting'),
    isUniform: !specs.some(({ isVariable }) => isVariable) && new Set(exclusive).size <= 1,
    isExclusive: isExclusiveByFlag || exclusive.includes(true),
    onlyRemoves: specs.every(({ access }) => access.includes('RM')),
  };
  // Filled from the start, so that there are no holes.
  while (uses.length < command.id) uses.push(undefined);
  uses[command.id] = use;
  return use;
}

function isExclusive(access: readonly KeyAccess[]): boolean {
  return access.includes('RW') || access.includes('OW') || access.includes('RM');
}

const databaseModes = {
  looks: lockMode.intendShared,
  reads: lockMode.shared,
  changes: lockMode.exclusive,
} as const;

export class LockPlan {
  length = 0;
  private readonly needs: LockNeed[] = [];
  private readonly keyspace: Keyspace;

  private readonly hashes: boolean;

  /** With `hashes`, needs have the hashes of their keys. */
  constructor(keyspace: Keyspace, hashes = true) {
    this.keyspace = keyspace;
    this.hashes = hashes;
  }

  /** The need at `index`, below {@link length}. */
  at(index: number): LockNeed {
    return this.needs[index] as LockNeed;
  }

  /** Fills the plan with what the session's request needs. */
  fill(command: Command, { client, database, request }: Session): void {
    this.length = 0;
    const { queue } = client.transaction;
    if (command.fullName !== 'exec' || queue === undefined) {
      this.add(command, request, database.index);
      return;
    }
    let { index } = database;
    for (let i = 0; i < queue.count; i++) {
      const queued = queue.turnTo(i);
      if (queued.fullName === 'select') index = selectedBy(queue.request) ?? index;
      else this.add(queued, queue.request, index);
    }
  }

  private add(command: Command, request: Request, database: number): void {
    const { reaches, alsoIn } = command.facts;
    if (reaches !== undefined && request.count >= (reaches.wordsMin ?? 0)) {
      this.addDatabases(reaches, database);
    }
    const use = useOf(command);
    if (!use.hasKeys) return;
    const { isFixed, first, last, step } = keyRangeOf(command);
    if (isFixed && use.isUniform) {
      const end = Math.min(last < 0 ? request.count + last : last, request.count - 1);
      for (let at = first; at <= end; at += step) {
        this.addKey(database, request, at, use.isExclusive);
      }
    } else {
      for (const { at, access } of keyPositionsOf(command, request)) {
        const named = isExclusive(access);
        this.addKey(database, request, at, named || (use.isUniform && use.isExclusive));
      }
    }
    const other = alsoIn?.databaseOf(request);
    if (alsoIn === undefined || other === undefined || other === database) return;
    if (this.keyspace.database(other) !== undefined) {
      this.addKey(other, request, alsoIn.keyAt, true);
    }
  }

  private addDatabases({ of, does }: Reach, database: number): void {
    const mode = databaseModes[does];
    if (of === 'database') this.addDatabase(database, mode);
    else for (const { index } of this.keyspace.databases) this.addDatabase(index, mode);
  }

  private addDatabase(database: number, mode: LockMode): void {
    const need = this.next();
    need.database = database;
    need.isKey = false;
    need.mode = mode;
  }

  private addKey(database: number, request: Request, at: number, isExclusive: boolean): void {
    const need = this.next();
    need.database = database;
    need.isKey = true;
    request.into(at, need.key);
    if (this.hashes) need.hash = this.keyspace.hashOf(need.key);
    need.mode = isExclusive ? lockMode.exclusive : lockMode.shared;
  }

  private next(): LockNeed {
    const { length } = this;
    this.length++;
    const known = this.needs[length];
    if (known !== undefined) return known;
    const need: LockNeed = {
      database: 0,
      isKey: false,
      key: new Slice(),
      hash: 0,
      mode: lockMode.shared,
    };
    this.needs.push(need);
    return need;
  }
}

/** The database that a queued SELECT selects, if its argument is a number. */
function selectedBy(request: Request): number | undefined {
  const index = parseInteger(request.bytes, request.at(1), request.length(1));
  return Number.isNaN(index) ? undefined : index;
}
