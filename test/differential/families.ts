/** The families that the differential test runs: a new one is added here. */
import { acl } from './families/acl.ts';
import { bitmaps } from './families/bitmaps.ts';
import { connection } from './families/connection.ts';
import { expiry } from './families/expiry.ts';
import { geo } from './families/geo.ts';
import { hashes } from './families/hashes.ts';
import { hyperLogLog } from './families/hyperloglog.ts';
import { keys } from './families/keys.ts';
import { lists } from './families/lists.ts';
import { otherTypes } from './families/other-types.ts';
import { pubsub } from './families/pubsub.ts';
import { scripting } from './families/scripting.ts';
import { server } from './families/server.ts';
import { sets } from './families/sets.ts';
import { sort } from './families/sort.ts';
import { sortedSets } from './families/sorted-sets.ts';

import { streamsFamily } from './families/streams.ts';
import { strings } from './families/strings.ts';
import { transactions } from './families/transactions.ts';
import type { Family } from './family.ts';

export const families: readonly Family[] = [
  strings,
  hashes,
  sets,
  bitmaps,
  hyperLogLog,
  sortedSets,
  geo,
  lists,
  keys,
  expiry,
  sort,
  connection,
  server,
  streamsFamily,
  transactions,
  scripting,
  pubsub,
  acl,
  ...otherTypes,
];
