/** A reusable list of references: what a scan or a sample fills, without allocating once it has grown. */
import { nullRef, type Ref } from '#memory/arena.ts';

export class RefList {
  length = 0;
  private readonly refs: Ref[] = [];

  push(ref: Ref): void {
    this.refs[this.length++] = ref;
  }

  /** The reference at `index`, below `length`. */
  at(index: number): Ref {
    return this.refs[index] ?? nullRef;
  }

  clear(): void {
    this.length = 0;
  }
}
