/**
 * What the server remembers and tells about its own work.
 */
import { eventClasses, percentiles } from '../composite-types.ts';
import type { Directives } from '../directive.ts';
import { integer, yesNo } from '../scalar-types.ts';
import { int32Max, int64Max } from '../value-type.ts';

export const observabilityDirectives = {
  'slowlog-log-slower-than': {
    type: integer(-1, int64Max, { unit: 'microseconds' }),
    default: '10000',
    mutable: true,
    summary: 'Commands slower than this enter the slow log; 0 is every command, -1 none.',
  },
  'slowlog-max-len': {
    type: integer(0, int64Max),
    default: '128',
    mutable: true,
    summary: 'Entries that the slow log keeps.',
  },
  'slowlog-entry-max-argc': {
    type: integer(2, int32Max),
    default: '32',
    mutable: true,
    summary: 'Arguments of a command that its slow log entry keeps.',
  },
  'latency-monitor-threshold': {
    type: integer(0, int64Max, { unit: 'milliseconds' }),
    default: '0',
    mutable: true,
    summary: 'Events slower than this enter the latency monitor; 0 turns it off.',
  },
  'latency-tracking': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: "Keep a histogram of each command's latency.",
  },
  'latency-tracking-info-percentiles': {
    type: percentiles(),
    default: '50 99 99.9',
    mutable: true,
    summary: 'Percentiles that INFO latencystats prints.',
  },
  'notify-keyspace-events': {
    type: eventClasses(),
    default: '',
    mutable: true,
    summary: 'Keyspace events to publish, and where.',
  },
} as const satisfies Directives;
