/**
 * Up to which size collections use their compact forms.
 */

import type { Directives } from '../directive.ts';
import { integer, memory } from '../scalar-types.ts';
import { int32Max, int32Min, int64Max } from '../value-type.ts';

export const encodingDirectives = {
  'hash-max-listpack-entries': {
    type: integer(0, int64Max),
    default: '512',
    mutable: true,
    aliases: ['hash-max-ziplist-entries'],
    summary: 'Fields up to which a hash stays compact.',
  },
  'hash-max-listpack-value': {
    type: memory(0, int64Max),
    default: '64',
    mutable: true,
    aliases: ['hash-max-ziplist-value'],
    summary: 'Length of fields and values up to which a hash stays compact.',
  },
  'list-max-listpack-size': {
    type: integer(int32Min, int32Max),
    default: '-2',
    mutable: true,
    aliases: ['list-max-ziplist-size'],
    summary: "Size of a list's nodes: positive is entries, -1 to -5 is 4 to 64 kB.",
  },
  'list-compress-depth': {
    type: integer(0, int32Max),
    default: '0',
    mutable: true,
    effect: 'later',
    summary: 'Nodes at both ends of a list that are not compressed; 0 compresses none.',
  },
  'set-max-intset-entries': {
    type: integer(0, int64Max),
    default: '512',
    mutable: true,
    summary: 'Members up to which a set of integers stays compact.',
  },
  'set-max-listpack-entries': {
    type: integer(0, int64Max),
    default: '128',
    mutable: true,
    summary: 'Members up to which a set stays compact.',
  },
  'set-max-listpack-value': {
    type: memory(0, int64Max),
    default: '64',
    mutable: true,
    summary: 'Length of members up to which a set stays compact.',
  },
  'zset-max-listpack-entries': {
    type: integer(0, int64Max),
    default: '128',
    mutable: true,
    aliases: ['zset-max-ziplist-entries'],
    summary: 'Members up to which a sorted set stays compact.',
  },
  'zset-max-listpack-value': {
    type: memory(0, int64Max),
    default: '64',
    mutable: true,
    aliases: ['zset-max-ziplist-value'],
    summary: 'Length of members up to which a sorted set stays compact.',
  },
  'hll-sparse-max-bytes': {
    type: memory(0, int64Max),
    default: '3000',
    mutable: true,
    summary: 'Size up to which a HyperLogLog stays sparse.',
  },
  'stream-node-max-bytes': {
    type: memory(0, int64Max),
    default: '4kb',
    mutable: true,
    summary: "Size of a stream's nodes; 0 is no limit.",
  },
  'stream-node-max-entries': {
    type: integer(0, int64Max),
    default: '100',
    mutable: true,
    summary: "Entries in a stream's nodes; 0 is no limit.",
  },
} as const satisfies Directives;
