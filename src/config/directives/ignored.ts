/**
 * Directives that redis.conf files commonly carry and that have no meaning here: they concern threads,
 * the C allocator, or the operating system. They are checked, kept and shown, nothing more.
 */
import { integers } from '../composite-types.ts';
import type { Directives } from '../directive.ts';
import { enumeration, integer, memory, only, text, yesNo } from '../scalar-types.ts';
import { int32Max, int64Max, uint32Max } from '../value-type.ts';

const noCollation = 'Zippy sorts by bytes: only an empty locale is possible';
const noSocketMark = 'Zippy does not mark its sockets';
const noSyslog = 'Zippy does not write to syslog: send its standard output there';

/** Scores of a master, a replica and a background child. */
function oomScores() {
  const refusal = 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.';
  return integers(3, -2000, 2000, refusal);
}

export const ignoredDirectives = {
  'always-show-logo': {
    type: yesNo(),
    default: 'no',
    mutable: false,
    effect: 'none',
    summary: 'There is no logo to show.',
  },
  'set-proc-title': {
    type: yesNo(),
    default: 'yes',
    mutable: false,
    effect: 'none',
    summary: 'The process title is left alone.',
  },
  'proc-title-template': {
    type: text(),
    default: '"{title} {listen-addr} {server-mode}"',
    mutable: true,
    effect: 'none',
    summary: 'The process title is left alone.',
  },
  'locale-collate': {
    type: only(text(), [''], noCollation),
    default: '',
    mutable: true,
    effect: 'none',
    summary: 'Sorting goes by bytes.',
  },
  'io-threads': {
    type: integer(1, 128),
    default: '1',
    mutable: false,
    effect: 'none',
    summary: 'Reading and writing need no threads of their own.',
  },
  'io-threads-do-reads': {
    type: yesNo(),
    default: 'no',
    mutable: false,
    effect: 'none',
    summary: 'Reading and writing need no threads of their own.',
  },
  lookahead: {
    type: integer(1, int32Max),
    default: '16',
    mutable: true,
    effect: 'none',
    summary: 'Commands are parsed one at a time, in place.',
  },
  'max-new-connections-per-cycle': {
    type: integer(1, 1000),
    default: '10',
    mutable: true,
    effect: 'none',
    summary: 'The runtime accepts connections as they come.',
  },
  'max-new-tls-connections-per-cycle': {
    type: integer(1, 1000),
    default: '1',
    mutable: true,
    effect: 'none',
    summary: 'The runtime accepts connections as they come.',
  },
  'socket-mark-id': {
    type: only(integer(0, uint32Max), ['0'], noSocketMark),
    default: '0',
    mutable: false,
    effect: 'none',
    summary: 'Sockets are not marked.',
  },
  'bind-source-addr': {
    type: text({ optional: true }),
    default: '',
    mutable: true,
    effect: 'none',
    summary: 'There are no outgoing connections.',
  },
  'server-cpulist': {
    type: text({ optional: true }),
    default: '',
    mutable: false,
    aliases: ['server_cpulist'],
    effect: 'none',
    summary: 'Threads are not pinned to CPUs.',
  },
  'bio-cpulist': {
    type: text({ optional: true }),
    default: '',
    mutable: false,
    aliases: ['bio_cpulist'],
    effect: 'none',
    summary: 'Threads are not pinned to CPUs.',
  },
  'aof-rewrite-cpulist': {
    type: text({ optional: true }),
    default: '',
    mutable: false,
    aliases: ['aof_rewrite_cpulist'],
    effect: 'none',
    summary: 'Threads are not pinned to CPUs.',
  },
  'bgsave-cpulist': {
    type: text({ optional: true }),
    default: '',
    mutable: false,
    aliases: ['bgsave_cpulist'],
    effect: 'none',
    summary: 'Threads are not pinned to CPUs.',
  },
  activerehashing: {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'none',
    summary: 'Tables grow in small steps in any case.',
  },
  'dynamic-hz': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'none',
    summary: 'Background work follows the load in any case.',
  },
  activedefrag: {
    type: yesNo(),
    default: 'no',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-cycle-min': {
    type: integer(1, 99),
    default: '1',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-cycle-max': {
    type: integer(1, 99),
    default: '25',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-threshold-lower': {
    type: integer(0, 1000),
    default: '10',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-threshold-upper': {
    type: integer(0, 1000),
    default: '100',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-ignore-bytes': {
    type: memory(1, int64Max),
    default: '100mb',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'active-defrag-max-scan-fields': {
    type: integer(1, int64Max),
    default: '1000',
    mutable: true,
    effect: 'none',
    summary: "The arena's allocator defragments by itself.",
  },
  'jemalloc-bg-thread': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'none',
    summary: 'There is no jemalloc.',
  },
  'disable-thp': {
    type: yesNo(),
    default: 'yes',
    mutable: false,
    effect: 'none',
    summary: 'Transparent huge pages are left to the system.',
  },
  'oom-score-adj': {
    type: enumeration(['no', 'yes', 'relative', 'absolute'], { relative: 'yes' }),
    default: 'no',
    mutable: true,
    effect: 'none',
    summary: "The kernel's choice of victims is left to the system.",
  },
  'oom-score-adj-values': {
    type: oomScores(),
    default: '0 200 800',
    mutable: true,
    effect: 'none',
    summary: "The kernel's choice of victims is left to the system.",
  },
  'crash-log-enabled': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'none',
    summary: 'Crash reports come from the runtime.',
  },
  'crash-memcheck-enabled': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    effect: 'none',
    summary: 'Crash reports come from the runtime.',
  },
  'ignore-warnings': {
    type: text(),
    default: '',
    mutable: true,
    effect: 'none',
    summary: 'There are no such warnings.',
  },
  'syslog-enabled': {
    type: only(yesNo(), ['no'], noSyslog),
    default: 'no',
    mutable: false,
    effect: 'none',
    summary: 'Logs go to standard output or a file.',
  },
  'syslog-ident': {
    type: text(),
    default: 'redis',
    mutable: false,
    effect: 'none',
    summary: 'Logs go to standard output or a file.',
  },
  'syslog-facility': {
    type: enumeration([
      'user',
      'local0',
      'local1',
      'local2',
      'local3',
      'local4',
      'local5',
      'local6',
      'local7',
    ]),
    default: 'local0',
    mutable: false,
    effect: 'none',
    summary: 'Logs go to standard output or a file.',
  },
  'enable-module-command': {
    type: enumeration(['no', 'yes', 'local']),
    default: 'no',
    mutable: false,
    effect: 'none',
    summary: 'There are no modules.',
  },
} as const satisfies Directives;
