/**
 * What a consumer group keeps, in blocks that stay where they are, so that trees may have their headers in them.
 *
 *     group      0   name length        consumer   0   name length      pending   0   id          16 bytes
 *                4   last id                       4   seen    wide, ms          16   consumer    0 = nobody
 *               20   read      int64              12   active  wide, ms          20   delivered   wide, ms
 *               28   pending   tree               20   pending tree              28   deliveries  int64
 *               44   consumers tree               36   name
 *               60   name
 *
 * `last id` is the last entry that was delivered, `read` how many there were up to it, -1 if that is not known. Each
 * entry that waits for its acknowledgement is a pending block, in the group's tree and in its consumer's. `active` is
 * when a consumer last got something, -1 for never. 40 bytes a pending entry and 12 to 15 in each tree, where Redis 7
 * takes 32 and two places in radix trees.
 */
import { streamIdBytes } from '#structures/stream-id.ts';
import { treeHeaderBytes } from '#structures/tree.ts';

export const groupLastIdAt = 4;
export const groupReadAt = groupLastIdAt + streamIdBytes;
export const groupPendingAt = groupReadAt + 8;
export const groupConsumersAt = groupPendingAt + treeHeaderBytes;
export const groupNameAt = groupConsumersAt + treeHeaderBytes;

export const consumerSeenAt = 4;
export const consumerActiveAt = consumerSeenAt + 8;
export const consumerPendingAt = consumerActiveAt + 8;
export const consumerNameAt = consumerPendingAt + treeHeaderBytes;

export const pendingConsumerAt = streamIdBytes;
export const pendingDeliveredAt = pendingConsumerAt + 4;
export const pendingCountAt = pendingDeliveredAt + 8;
export const pendingBytes = pendingCountAt + 8;
