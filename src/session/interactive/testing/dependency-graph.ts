/**
 * Whether a history of transactions is serializable, by the method of Elle (Kingsbury, Alvaro, 2020) for lists that are only
 * appended to: as each element is appended once, what a list holds in the end tells the order of its versions, and
 * what a transaction read tells which version that was. From these follow Adya's dependencies (1999):
 *
 * - ww: who appended the next element comes after who appended the one before,
 * - wr: who read a version comes after who made it,
 * - rw: who appended the next element comes after who did not see it yet.
 *
 * A history is serializable if no transaction that was committed depends on one that was not, and there is no circle.
 */

/** What a transaction did to a list: appended an element, or saw the whole list. */
export type Action =
  | { readonly kind: 'append'; readonly key: string; readonly element: string }
  | { readonly kind: 'read'; readonly key: string; readonly elements: readonly string[] };

export interface RecordedTransaction {
  readonly name: string;
  readonly actions: readonly Action[];
  readonly outcome: 'committed' | 'rolled-back';
}

/** What is wrong with a history, given what the lists hold in the end; undefined if it is serializable. */
export function anomalyIn(
  transactions: readonly RecordedTransaction[],
  lists: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const committed = transactions.filter(({ outcome }) => outcome === 'committed');
  return (
    wrongAppend(transactions, lists) ??
    committed.map((each) => wrongRead(each, lists)).find((problem) => problem !== undefined) ??
    circle(committed, lists)
  );
}

/** An append that was committed and is lost, or was rolled back and is there (Adya's G1a, and atomicity). */
function wrongAppend(
  transactions: readonly RecordedTransaction[],
  lists: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  for (const { name, actions, outcome } of transactions) {
    for (const action of actions) {
      if (action.kind !== 'append') continue;
      const isThere = lists.get(action.key)?.includes(action.element) === true;
      if (isThere === (outcome === 'committed')) continue;
      return `${name} was ${outcome}, and ${action.element} is ${isThere ? '' : 'not '}in ${action.key}`;
    }
  }
  return undefined;
}

/** A read that is no version of its list followed by what the reader had appended itself. */
function wrongRead(
  { name, actions }: RecordedTransaction,
  lists: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const own = new Map<string, string[]>();
  for (const action of actions) {
    const appended = own.get(action.key) ?? [];
    own.set(action.key, appended);
    if (action.kind === 'append') {
      appended.push(action.element);
      continue;
    }
    const { elements, key } = action;
    const before = elements.slice(0, elements.length - appended.length);
    const isVersion = before.join() === (lists.get(key) ?? []).slice(0, before.length).join();
    const hasOwn = elements.slice(before.length).join() === appended.join();
    if (!isVersion || !hasOwn) return `${name} saw [${elements}] in ${key}, which it never was`;
  }
  return undefined;
}

type Edges = Map<RecordedTransaction, Map<RecordedTransaction, string>>;

function circle(
  committed: readonly RecordedTransaction[],
  lists: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const edges = dependencies(committed, lists);
  const state = new Map<RecordedTransaction, 'open' | 'done'>();
  const path: RecordedTransaction[] = [];
  const visit = (transaction: RecordedTransaction): string | undefined => {
    state.set(transaction, 'open');
    path.push(transaction);
    for (const [next] of edges.get(transaction) ?? []) {
      if (state.get(next) === 'open')
        return describe([...path.slice(path.indexOf(next)), next], edges);
      if (state.get(next) === 'done') continue;
      const found = visit(next);
      if (found !== undefined) return found;
    }
    path.pop();
    state.set(transaction, 'done');
    return undefined;
  };
  for (const transaction of committed) {
    if (state.has(transaction)) continue;
    const found = visit(transaction);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describe(path: readonly RecordedTransaction[], edges: Edges): string {
  return path
    .map((each, at) => {
      const next = path[at + 1];
      const edge = next === undefined ? undefined : edges.get(each)?.get(next);
      return edge === undefined ? each.name : `${each.name} -${edge}->`;
    })
    .join(' ');
}

function dependencies(
  committed: readonly RecordedTransaction[],
  lists: ReadonlyMap<string, readonly string[]>,
): Edges {
  const edges: Edges = new Map();
  const writers = new Map<string, RecordedTransaction>();
  for (const transaction of committed) {
    for (const action of transaction.actions) {
      if (action.kind === 'append') writers.set(action.element, transaction);
    }
  }
  const add = (
    from: RecordedTransaction | undefined,
    to: RecordedTransaction | undefined,
    why: string,
  ) => {
    if (from === undefined || to === undefined || from === to) return;
    const known = edges.get(from) ?? new Map<RecordedTransaction, string>();
    known.set(to, known.get(to) ?? why);
    edges.set(from, known);
  };
  const writerOf = (element: string | undefined) => writers.get(element ?? '');
  for (const [key, elements] of lists) {
    for (let at = 1; at < elements.length; at++) {
      add(writerOf(elements[at - 1]), writerOf(elements[at]), `ww ${key}`);
    }
  }
  for (const reader of committed) {
    for (const action of reader.actions) {
      if (action.kind !== 'read') continue;
      const { key, elements } = action;
      add(writerOf(elements.at(-1)), reader, `wr ${key}`);
      add(reader, writerOf(lists.get(key)?.[elements.length]), `rw ${key}`);
    }
  }
  return edges;
}
