/**
 * A digest of an entry's fields and values, whatever their order: what names a message that its producer gave no name.
 * 128 bits, of four HalfSipHashes of its own keys; the keys are fixed, so that a digest means the same after a restart. A
 * producer who made two messages of one digest would only keep itself from sending the second.
 */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { Probe } from '#structures/probe.ts';
import type { EntryWords } from '#structures/stream-node.ts';

// The first digits of pi, as good as any.
const seeds: readonly HashSeed[] = [
  { low: 0x243f6a88, high: 0x85a308d3 },
  { low: 0x13198a2e, high: 0x03707344 },
  { low: 0xa4093822, high: 0x299f31d0 },
  { low: 0x082efa98, high: 0xec4e6c89 },
];
const digestBytes = 16;
const lengthBytes = 4;

const probe = new Probe();
const word = new Slice();
const content = new Slice();

/** Points `digest` at the digest of an entry's words. Allocates. */
export function digestWords(words: EntryWords, digest: Slice): void {
  const pairs: Buffer[] = [];
  for (let i = 0; i < words.length; i += 2) {
    pairs.push(
      Buffer.concat([withLength(words.into(i, word)), withLength(words.into(i + 1, word))]),
    );
  }
  const all = Buffer.concat(pairs.sort(Buffer.compare));
  content.point(all, 0, all.length);
  const bytes = Buffer.alloc(digestBytes);
  for (const [i, seed] of seeds.entries()) {
    probe.load({ low: seed.low | 0, high: seed.high | 0 }, content);
    bytes.writeInt32LE(probe.hash, i * 4);
  }
  digest.point(bytes, 0, digestBytes);
}

function withLength({ bytes, at, length }: Slice): Buffer {
  const copy = Buffer.alloc(lengthBytes + length);
  copy.writeUInt32LE(length);
  for (let i = 0; i < length; i++) copy[lengthBytes + i] = byteAt(bytes, at + i);
  return copy;
}
