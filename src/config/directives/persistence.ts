/**
 * Snapshots and the append-only log.
 */
import { savePoints } from '../composite-types.ts';
import type { Directives } from '../directive.ts';
import { enumeration, integer, memory, text, yesNo } from '../scalar-types.ts';
import { int32Max, int64Max } from '../value-type.ts';

/** A name in a directory that is given elsewhere, hence no path. */
function fileName(directive: string, empty?: 'required', noun = 'filename') {
  return text({
    expected: `a ${noun}, not a path`,
    check: (name) => {
      if (empty === 'required' && name === '') return `${directive} can't be empty`;
      if (/[/\\]/.test(name)) return `${directive} can't be a path, just a ${noun}`;
      return undefined;
    },
  });
}

export const persistenceDirectives = {
  save: {
    type: savePoints(),
    default: '3600 1 300 100 60 10000',
    mutable: true,
    summary: 'When to take a snapshot: after so many seconds and changed keys.',
  },
  'save-merge': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary:
      'Have snapshots that are taken by themselves hold only what has changed since the last.',
  },
  dbfilename: {
    type: fileName('dbfilename'),
    default: 'dump.rdb',
    mutable: true,
    protected: true,
    summary: 'Name of the snapshot in dir.',
  },
  rdbcompression: {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: 'Compress values in snapshots and in what DUMP returns.',
  },
  rdbchecksum: {
    type: yesNo(),
    default: 'yes',
    mutable: false,
    summary: 'End a snapshot with a checksum, and verify it on load.',
  },
  'rdb-save-incremental-fsync': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: 'Sync a snapshot to disk in steps while writing it.',
  },
  'stop-writes-on-bgsave-error': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: 'Refuse writes while the last snapshot has failed.',
  },
  appendonly: {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Keep an append-only log.',
  },
  appendfilename: {
    type: fileName('appendfilename', 'required'),
    default: 'appendonly.aof',
    mutable: false,
    summary: "Base name of the log's files.",
  },
  appenddirname: {
    type: fileName('appenddirname', 'required', 'dirname'),
    default: 'appendonlydir',
    mutable: false,
    summary: "Directory of the log's files, in dir.",
  },
  appendfsync: {
    type: enumeration(['everysec', 'always', 'no']),
    default: 'everysec',
    mutable: true,
    summary:
      'When the log is synced to disk: with every write, every second, or when the system wishes.',
  },
  'no-appendfsync-on-rewrite': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Do not sync the log while a snapshot or a rewrite is being written.',
  },
  'auto-aof-rewrite-percentage': {
    type: integer(0, int32Max, { unit: 'percent' }),
    default: '100',
    mutable: true,
    summary: 'Rewrite the log when it grew by so much; 0 is never.',
  },
  'auto-aof-rewrite-min-size': {
    type: memory(0, int64Max),
    default: '64mb',
    mutable: true,
    summary: 'Size below which the log is not rewritten.',
  },
  'aof-load-truncated': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: 'Load a log whose end was cut off by a crash.',
  },
  'aof-use-rdb-preamble': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'later',
    summary: 'Start a rewritten log with a snapshot.',
  },
  'aof-timestamp-enabled': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    effect: 'later',
    summary: 'Write timestamps into the log.',
  },
  'aof-rewrite-incremental-fsync': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'later',
    summary: 'Sync a rewritten log to disk in steps while writing it.',
  },
  'aof-disable-auto-gc': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: "Keep the log's outdated files.",
  },
  'sanitize-dump-payload': {
    type: enumeration(['no', 'yes', 'clients']),
    default: 'no',
    mutable: true,
    effect: 'none',
    summary: 'All payloads are checked in depth, whoever they come from.',
  },
} as const satisfies Directives;
