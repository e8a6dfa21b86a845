/** What a request does to its key, for the commands whose options decide it; as Redis tells it in GETKEYSANDFLAGS. */
import type { KeyAccess } from '../grammar.ts';
import type { Request } from '../request.ts';

const readsAndWrites: readonly KeyAccess[] = ['RW', 'access', 'update'];
const overwrites: readonly KeyAccess[] = ['OW', 'update'];
const reads: readonly KeyAccess[] = ['RO', 'access'];

/** SET reads only with GET. */
export function setAccess(request: Request): readonly KeyAccess[] {
  for (let i = 3; i < request.count; i++) {
    if (request.latin1(i).toLowerCase() === 'get') return readsAndWrites;
  }
  return overwrites;
}

/** BITFIELD only reads if all it does is GET. */
export function bitfieldAccess(request: Request): readonly KeyAccess[] {
  let at = 2;
  while (at < request.count) {
    const left = request.count - at - 1;
    const word = request.latin1(at).toLowerCase();
    if (word === 'get' && left >= 2) at += 3;
    else if (word === 'overflow' && left >= 1) at += 2;
    else return readsAndWrites;
  }
  return reads;
}
