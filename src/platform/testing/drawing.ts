/** What tests draw by chance, from a seed. */
import type { SeededRandom } from '../random.ts';

/** A whole number from 0 to below `count`; 0 if that is none. */
export function draw(random: SeededRandom, count: number): number {
  return count === 0 ? 0 : (random.int32() >>> 0) % count;
}

/** Whether something of this probability happens. */
export function happens(random: SeededRandom, probability: number): boolean {
  return (random.int32() >>> 0) / 2 ** 32 < probability;
}
