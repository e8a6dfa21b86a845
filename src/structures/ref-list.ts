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

  /** Keeps, of the references from `start` on, those that `wanted` says. */
  retain(start: number, wanted: (ref: Ref) => boolean): void {
    let kept = start;
    for (let index = start; index < this.length; index++) {
      const ref = this.at(index);
      if (wanted(ref)) this.refs[kept++] = ref;
    }
    this.length = kept;
  }

  clear(): void {
    this.length = 0;
  }
}
