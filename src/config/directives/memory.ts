/**
 * How much memory the data may take, what goes when it is full, and how memory is given back.
 */

import type { Directives } from '../directive.ts';
import { enumeration, integer, memory, yesNo } from '../scalar-types.ts';
import { int32Max, uint64Max } from '../value-type.ts';

/** In the order in which Redis lists them. */
const evictionPolicies = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'volatile-lrm',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'allkeys-lrm',
  'noeviction',
] as const;

export const memoryDirectives = {
  maxmemory: {
    type: memory(0, uint64Max),
    default: '0',
    mutable: true,
    summary: 'Memory the data may take; 0 is no limit.',
  },
  'maxmemory-policy': {
    type: enumeration(evictionPolicies),
    default: 'noeviction',
    mutable: true,
    summary:
      'What to evict above maxmemory: the least recently used (lru), least frequently used (lfu), least recently modified (lrm), shortest to live (ttl) or random keys, of all keys or only of those with a TTL (volatile).',
  },
  'maxmemory-samples': {
    type: integer(1, 64),
    default: '5',
    mutable: true,
    summary: 'Keys compared to find one to evict: more is closer to exact, and slower.',
  },
  'maxmemory-eviction-tenacity': {
    type: integer(0, 100),
    default: '10',
    mutable: true,
    summary: 'How long one step of eviction may take: 0 is shortest, 100 is until done.',
  },
  'lfu-log-factor': {
    type: integer(0, int32Max),
    default: '10',
    mutable: true,
    summary: "How many hits it takes to raise a key's frequency counter.",
  },
  'lfu-decay-time': {
    type: integer(0, int32Max, { unit: 'minutes' }),
    default: '1',
    mutable: true,
    summary: "Time after which a key's frequency counter loses one.",
  },
  'active-expire-effort': {
    type: integer(1, 10),
    default: '1',
    mutable: true,
    summary: 'How hard to look for expired keys.',
  },
  'lazyfree-lazy-eviction': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Free evicted values in the background.',
  },
  'lazyfree-lazy-expire': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Free expired values in the background.',
  },
  'lazyfree-lazy-server-del': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Free values that another command overwrites in the background.',
  },
  'lazyfree-lazy-user-del': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Let DEL work like UNLINK.',
  },
  'lazyfree-lazy-user-flush': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    summary: 'Let FLUSHALL and FLUSHDB work like their ASYNC forms.',
  },
} as const satisfies Directives;
