// The cases of the in-process benchmark. One more case is one more `defineCase` in the list.
//
// A case's state is built once; `run` is called millions of times on it and must leave it fit for the next call
// (a case that inserts also removes, or overwrites). It returns something computed, so that the work cannot be
// optimized away.

/** A case as `structures.ts` runs it. */
export interface StructureCase {
  name: string;
  /** How many operations one run counts as. */
  opsPerRun: number;
  /** Builds the state and returns the function to measure. */
  prepare: () => () => unknown;
}

/** Ties the state that `setup` builds to the `run` that works on it. */
function defineCase<State>(declared: {
  name: string;
  opsPerRun?: number;
  setup: () => State;
  run: (state: State) => unknown;
}): StructureCase {
  const { name, opsPerRun = 1, setup, run } = declared;
  return {
    name,
    opsPerRun,
    prepare: () => {
      const state = setup();
      return () => run(state);
    },
  };
}

/** Every case, in the order of the table. */
export const structureCases: readonly StructureCase[] = [
  defineCase({
    name: 'Map get, 100 k string keys (for comparison)',
    setup: () => {
      const keys = Array.from({ length: 100_000 }, (_, index) => `key:${index}`);
      return { keys, map: new Map(keys.map((key, index) => [key, index])), next: 0 };
    },
    run: (state) => {
      // A stride that is coprime to the number of keys visits all of them, in no order the cache could guess.
      state.next = (state.next + 61_813) % state.keys.length;
      return state.map.get(state.keys[state.next] ?? '');
    },
  }),
];
