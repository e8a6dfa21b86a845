/**
 * Whether HyperLogLogs work on this machine: registers keep what is put in them and leave their neighbours
 * alone, dense and sparse ones count alike, and what they count is near the truth.
 *
 * As Redis's own test, but with a tenth of the rounds: nobody else is served meanwhile, for half a second.
 */
import { byteAt } from '#memory/bytes.ts';
import { registerAt, setRegister } from './hyperloglog-dense.ts';
import { HyperLogLogEdit } from './hyperloglog-edit.ts';
import { placeOf, registerCount } from './hyperloglog-hash.ts';
import { denseBytes, headerBytes } from './hyperloglog-layout.ts';

const rounds = 100;
const elementsMax = 1_000_000;
/** How far an estimate may be off, in standard errors. */
const errorsMax = 6;
const standardError = 1.04 / Math.sqrt(registerCount);

/** What is wrong, undefined if nothing is. `random` gives words of random bits. */
export function selfTest(random: () => number, sparseBytesMax: number): string | undefined {
  return registersFailure(random) ?? estimateFailure(random, sparseBytesMax);
}

function registersFailure(random: () => number): string | undefined {
  const packed = Buffer.alloc(denseBytes);
  const expected = Buffer.alloc(registerCount);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < registerCount; i++) {
      expected[i] = random() & 63;
      setRegister(packed, headerBytes, i, byteAt(expected, i));
    }
    for (let i = 0; i < registerCount; i++) {
      const value = registerAt(packed, headerBytes, i);
      if (value !== byteAt(expected, i)) {
        return `Register ${i} should be ${byteAt(expected, i)} but is ${value}`;
      }
    }
  }
  return undefined;
}

function estimateFailure(random: () => number, sparseBytesMax: number): string | undefined {
  const dense = new HyperLogLogEdit();
  const sparse = new HyperLogLogEdit();
  dense.openEmpty(0);
  dense.makeDense();
  sparse.openEmpty(sparseBytesMax);
  const element = Buffer.alloc(8);
  const seed = random();
  element.writeInt32LE(random(), 4);
  let checkpoint = 1;
  for (let i = 1; i <= elementsMax; i++) {
    element.writeInt32LE(i ^ seed);
    const place = placeOf(element, 0, element.length);
    dense.offer(place);
    sparse.offer(place);
    if (i !== checkpoint) continue;
    if (i < sparseBytesMax / 2 && sparse.isDense) return 'sparse encoding not used';
    const counted = dense.count() ?? 0;
    if (sparse.count() !== counted) return 'dense/sparse disagree';
    const off = Math.abs(checkpoint - counted);
    const offMax = i === 10 ? 1 : Math.ceil(standardError * errorsMax * checkpoint);
    if (off > offMax) return `Too big error. card:${checkpoint} abserr:${off}`;
    checkpoint *= 10;
  }
  return undefined;
}
