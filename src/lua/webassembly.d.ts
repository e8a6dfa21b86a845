/** The part of the WebAssembly API that only the Lua machine stands on. */
declare namespace WebAssembly {
  class Global {
    value: number;
  }
  /** What a module's throw throws. */
  class Exception {
    private constructor();
  }
  /** A function that a module exports, made to run on a stack of its own. */
  type Promising = (...args: readonly number[]) => Promise<number>;
  type ToPromising = (exported: unknown) => Promising;
  const promising: ToPromising | undefined;
  /** A function for a module to import: while the promise that it returns is pending, what called it is suspended. */
  const Suspending: (new (run: () => Promise<void>) => object) | undefined;
}
