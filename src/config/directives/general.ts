/**
 * The process as a whole: data layout, logs, the working directory, what operators may do.
 */
import { directory, flags } from '../composite-types.ts';
import type { Directives } from '../directive.ts';
import { enumeration, integer, only, powerOfTwo, text, yesNo } from '../scalar-types.ts';
import { int32Max, int64Max } from '../value-type.ts';

const stayInForeground =
  'Zippy stays in the foreground: let systemd, a container or your shell run it in the background';
const noSupervision = 'Zippy does not signal a supervisor: run it as a simple service';

/** What SHUTDOWN is given on a signal. */
function shutdownFlags() {
  return flags(
    ['default', 'save', 'nosave', 'now', 'force'],
    ['save', 'nosave'],
    "shutdown options SAVE and NOSAVE can't be used simultaneously",
  );
}

export const generalDirectives = {
  databases: {
    type: integer(1, int32Max),
    default: '16',
    mutable: false,
    summary: 'Number of databases; SELECT takes 0 to one less.',
  },
  shards: {
    type: powerOfTwo(1, 128),
    default: '16',
    mutable: false,
    summary: "Zippy's own: arenas the keys are spread over, each of at most 2 GiB.",
  },
  dir: {
    type: directory(),
    default: './',
    mutable: true,
    protected: true,
    summary: 'Working directory, where snapshots and logs are kept.',
  },
  pidfile: {
    type: text({ optional: true, expected: 'a path; empty means none' }),
    default: '',
    mutable: false,
    summary: 'File to write the process id to.',
  },
  daemonize: {
    type: only(yesNo(), ['no'], stayInForeground),
    default: 'no',
    mutable: false,
    summary:
      'Zippy stays in the foreground: leave it to systemd, a container or your shell to run it in the background.',
  },
  supervised: {
    type: only(enumeration(['upstart', 'systemd', 'auto', 'no']), ['auto', 'no'], noSupervision),
    default: 'no',
    mutable: false,
    summary: 'Zippy does not signal a supervisor; run it as a simple service.',
  },
  loglevel: {
    type: enumeration(['debug', 'verbose', 'notice', 'warning', 'nothing']),
    default: 'notice',
    mutable: true,
    summary: 'The least important message that is logged.',
  },
  logfile: {
    type: text({ expected: 'a path; empty means standard output' }),
    default: '',
    mutable: false,
    summary: 'Where log lines go.',
  },
  'hide-user-data-from-log': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Keep keys and arguments of users out of the log.',
  },
  hz: {
    type: integer(0, int32Max, { unit: 'times a second', clamp: [1, 500] }),
    default: '10',
    mutable: true,
    summary:
      'How often background work runs, at least 20 times; values outside 1 to 500 are taken for the nearest of these.',
  },
  'shutdown-timeout': {
    type: integer(0, int32Max, { unit: 'seconds' }),
    default: '10',
    mutable: true,
    effect: 'later',
    summary: 'How long a shutdown waits for replicas.',
  },
  'shutdown-on-sigint': {
    type: shutdownFlags(),
    default: 'default',
    mutable: true,
    summary: 'What SHUTDOWN does on SIGINT.',
  },
  'shutdown-on-sigterm': {
    type: shutdownFlags(),
    default: 'default',
    mutable: true,
    summary: 'What SHUTDOWN does on SIGTERM.',
  },
  'busy-reply-threshold': {
    type: integer(0, int64Max, { unit: 'milliseconds' }),
    default: '5000',
    mutable: true,
    aliases: ['lua-time-limit'],
    summary:
      'Time a script may run until the server answers others again, with -BUSY, so that they may kill it. 0: any time.',
  },
  'enable-protected-configs': {
    type: enumeration(['no', 'yes', 'local']),
    default: 'no',
    mutable: false,
    summary:
      'Who may CONFIG SET protected directives: nobody, everybody, or clients on this machine.',
  },
  'enable-debug-command': {
    type: enumeration(['no', 'yes', 'local']),
    default: 'no',
    mutable: false,
    summary: 'Who may use DEBUG: nobody, everybody, or clients on this machine.',
  },
  aclfile: {
    type: text({ optional: true, expected: 'a path; empty means none' }),
    default: '',
    mutable: false,
    summary:
      'The file that holds the users, one a line, instead of `user` lines in the configuration.',
  },
  'acllog-max-len': {
    type: integer(0, int64Max),
    default: '128',
    mutable: true,
    summary: 'Entries that ACL LOG keeps.',
  },
  'acl-pubsub-default': {
    type: enumeration(['allchannels', 'resetchannels']),
    default: 'resetchannels',
    mutable: true,
    summary: 'Channels that a new ACL user may use.',
  },
  'tracking-table-max-keys': {
    type: integer(0, int64Max),
    default: '1000000',
    mutable: true,
    summary: 'Keys remembered for client-side caching; 0 is no limit.',
  },
} as const satisfies Directives;
