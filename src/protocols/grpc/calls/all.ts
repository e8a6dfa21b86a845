/** All typed calls; the compiler sees to it that none is missing. */
import type { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import { bitCalls } from './bits.ts';
import type { CallsOf } from './call.ts';
import { hashCalls } from './hashes.ts';
import { keyCalls } from './keys.ts';
import { listCalls } from './lists.ts';
import { placeCalls } from './places.ts';
import { serverCalls } from './server.ts';
import { setCalls } from './sets.ts';
import { sortedSetCalls } from './sorted-sets.ts';
import { streamCalls } from './streams.ts';
import { stringCalls } from './strings.ts';

/** Methods whose responses hold a value of any kind, and those that are streams. */
type UntypedMethod = 'execute' | 'executeAll' | 'eval' | 'fCall';
type StreamMethod = 'pipe' | 'transaction' | 'subscribe';

export type TypedMethod = Exclude<
  keyof ZippyServiceDefinition['methods'],
  UntypedMethod | StreamMethod
>;

export const typedCalls: CallsOf<TypedMethod> = {
  ...keyCalls,
  ...stringCalls,
  ...bitCalls,
  ...listCalls,
  ...hashCalls,
  ...setCalls,
  ...sortedSetCalls,
  ...placeCalls,
  ...streamCalls,
  ...serverCalls,
};
