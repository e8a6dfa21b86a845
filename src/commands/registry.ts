/** Every command there is, family by family. A new file of commands is named here and nowhere else. */
import { aclCommands } from './acl/acl.ts';
import { bitCommands } from './bitmap/bit.ts';
import { bitfieldCommands } from './bitmap/bitfield.ts';
import { bitopCommands } from './bitmap/bitop.ts';
import { bitRangeCommands } from './bitmap/range.ts';
import type { Command } from './command.ts';
import { connectionCommands } from './connection/basic.ts';
import { clientCommands } from './connection/client.ts';
import { handshakeCommands } from './connection/handshake.ts';
import { databaseCommands } from './generic/databases.ts';
import { expireCommands } from './generic/expire.ts';
import { objectCommands } from './generic/object.ts';
import { presenceCommands } from './generic/presence.ts';
import { relocateCommands } from './generic/relocate.ts';
import { scanCommands } from './generic/scan.ts';
import { serializeCommands } from './generic/serialize.ts';
import { sortCommands } from './generic/sort.ts';
import { ttlCommands } from './generic/ttl.ts';
import { waitCommands } from './generic/wait.ts';
import { geoPlaceCommands } from './geo/places.ts';
import { geoSearchCommands } from './geo/search.ts';
import { hashDeleteCommands } from './hash/delete.ts';
import { hashExpireCommands } from './hash/expire.ts';
import { hashExpiringCommands } from './hash/expiring.ts';
import { hashGetCommands } from './hash/get.ts';
import { hashImportCommands } from './hash/import.ts';
import { hashIncrementCommands } from './hash/increment.ts';
import { hashListCommands } from './hash/list.ts';
import { hashRandomCommands } from './hash/random.ts';
import { hashSetCommands } from './hash/set.ts';
import { hashTtlCommands } from './hash/ttl.ts';
import { hyperLogLogDebugCommands } from './hyperloglog/debug.ts';
import { hyperLogLogCommands } from './hyperloglog/hyperloglog.ts';
import { blockingMoveCommands } from './list/blocking-move.ts';
import { blockingPopCommands } from './list/blocking-pop.ts';
import { editCommands } from './list/edit.ts';
import { moveCommands } from './list/move.ts';
import { popCommands } from './list/pop.ts';
import { pushCommands } from './list/push.ts';
import { readCommands } from './list/read.ts';
import { publishCommands } from './pubsub/publish.ts';
import { subscribeCommands } from './pubsub/subscribe.ts';
import { evalCommands } from './scripting/eval.ts';
import { functionCommands } from './scripting/function.ts';
import { scriptCommands } from './scripting/script.ts';
import { appendLogCommands } from './server/append-log.ts';
import { commandCommands } from './server/command.ts';
import { configCommands } from './server/config.ts';
import { debugCommands } from './server/debug.ts';
import { hotKeysCommands } from './server/hotkeys.ts';
import { infoCommands } from './server/info.ts';
import { latencyCommands } from './server/latency.ts';
import { memoryCommands } from './server/memory.ts';
import { processCommands } from './server/process.ts';
import { slowLogCommands } from './server/slowlog.ts';
import { snapshotCommands } from './server/snapshots.ts';
import { setAskCommands } from './set/ask.ts';
import { setCombineCommands } from './set/combine.ts';
import { setEditCommands } from './set/edit.ts';
import { setRandomCommands } from './set/random.ts';
import { setScanCommands } from './set/scan.ts';
import { sortedSetAddCommands } from './sorted-set/add.ts';
import { sortedSetAskCommands } from './sorted-set/ask.ts';
import { sortedSetCombineCommands } from './sorted-set/combine.ts';
import { sortedSetPartCommands } from './sorted-set/count.ts';
import { sortedSetMultiPopCommands } from './sorted-set/multi-pop.ts';
import { sortedSetPopCommands } from './sorted-set/pop.ts';
import { sortedSetRangeCommands } from './sorted-set/range.ts';
import { sortedSetScanCommands } from './sorted-set/scan.ts';
import { streamAckCommands } from './stream/ack.ts';
import { streamAddCommands } from './stream/add.ts';
import { streamClaimCommands } from './stream/claim.ts';
import { streamDeleteCommands } from './stream/delete.ts';
import { streamGroupCommands } from './stream/group.ts';
import { streamIdempotenceCommands } from './stream/idempotence.ts';
import { streamInfoCommands } from './stream/info.ts';
import { streamPendingCommands } from './stream/pending.ts';
import { streamRangeCommands } from './stream/range.ts';
import { streamReadCommands } from './stream/read.ts';
import { compareCommands } from './string/compare.ts';
import { counterCommands } from './string/counter.ts';
import { getCommands } from './string/get.ts';
import { incrExCommands } from './string/increx.ts';
import { lcsCommands } from './string/lcs.ts';
import { multiCommands } from './string/multi.ts';
import { rangeCommands } from './string/range.ts';
import { setCommands } from './string/set.ts';
import { interactiveCommands } from './transactions/interactive.ts';
import { transactionCommands } from './transactions/multi.ts';

export const allCommands: readonly Command[] = [
  ...connectionCommands,
  ...handshakeCommands,
  ...clientCommands,
  ...setCommands,
  ...getCommands,
  ...counterCommands,
  ...multiCommands,
  ...presenceCommands,
  ...scanCommands,
  ...relocateCommands,
  ...expireCommands,
  ...ttlCommands,
  ...serializeCommands,
  ...objectCommands,
  ...databaseCommands,
  ...sortCommands,
  ...waitCommands,
  ...rangeCommands,
  ...compareCommands,
  ...incrExCommands,
  ...lcsCommands,
  ...sortedSetAddCommands,
  ...sortedSetAskCommands,
  ...sortedSetRangeCommands,
  ...sortedSetPartCommands,
  ...sortedSetCombineCommands,
  ...sortedSetPopCommands,
  ...sortedSetMultiPopCommands,
  ...sortedSetScanCommands,
  ...geoPlaceCommands,
  ...geoSearchCommands,
  ...bitCommands,
  ...bitRangeCommands,
  ...bitopCommands,
  ...bitfieldCommands,
  ...setEditCommands,
  ...setAskCommands,
  ...setRandomCommands,
  ...setCombineCommands,
  ...setScanCommands,
  ...streamAddCommands,
  ...streamRangeCommands,
  ...streamDeleteCommands,
  ...streamReadCommands,
  ...streamGroupCommands,
  ...streamAckCommands,
  ...streamClaimCommands,
  ...streamPendingCommands,
  ...streamInfoCommands,
  ...streamIdempotenceCommands,
  ...pushCommands,
  ...popCommands,
  ...readCommands,
  ...editCommands,
  ...moveCommands,
  ...blockingPopCommands,
  ...blockingMoveCommands,
  ...hyperLogLogCommands,
  ...hyperLogLogDebugCommands,
  ...hashSetCommands,
  ...hashGetCommands,
  ...hashDeleteCommands,
  ...hashIncrementCommands,
  ...hashListCommands,
  ...hashRandomCommands,
  ...hashExpireCommands,
  ...hashTtlCommands,
  ...hashExpiringCommands,
  ...hashImportCommands,
  ...aclCommands,
  ...appendLogCommands,
  ...commandCommands,
  ...configCommands,
  ...debugCommands,
  ...hotKeysCommands,
  ...infoCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...processCommands,
  ...slowLogCommands,
  ...snapshotCommands,
  ...transactionCommands,
  ...interactiveCommands,
  ...evalCommands,
  ...scriptCommands,
  ...functionCommands,
  ...subscribeCommands,
  ...publishCommands,
];
