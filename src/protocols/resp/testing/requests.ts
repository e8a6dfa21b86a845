/** Requests for tests of the RESP door: made, and seen as the parser made them. */
import { Request } from '#commands/request.ts';
import type { MakeWire } from '../../wire.ts';
import { respWire } from '../wire.ts';

/** A command as a client sends it. Strings are bytes, one character each. */
export function encode(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** What a parser made of some bytes. */
export interface Parsed {
  readonly requests: string[][];
  /** Why some were not to be, and how many requests were complete before. */
  refusals?: [problem: string, requests: number][];
  /** What it found wrong, after which it reads no further. */
  problem: string | undefined;
  /** Bytes of a request that is not complete. */
  left: number;
}

export interface ParseSettings {
  readonly bulkBytesMax?: number;
  readonly isStranger?: boolean;
  /** RESP, unless it is another. */
  readonly makeWire?: MakeWire;
}

/**
 * Parses bytes that come in pieces, the way a connection feeds them: what a piece leaves over is copied elsewhere
 * and the rest of the piece overwritten.
 */
export function parsePieces(pieces: readonly Buffer[], settings: ParseSettings = {}): Parsed {
  const request = new Request();
  const { parser } = (settings.makeWire ?? respWire)(request);
  parser.bulkBytesMax = settings.bulkBytesMax ?? 512 * 1024 * 1024;
  parser.isStranger = settings.isStranger ?? false;
  const parsed: Parsed = { requests: [], problem: undefined, left: 0 };
  let pending = Buffer.alloc(0);
  for (const piece of pieces) {
    const bytes = Buffer.concat([pending, piece]);
    // Where the bytes lie is arbitrary.
    parser.feed(bytes, 0, bytes.length);
    let result = parser.parse();
    for (; result === 'request' || result === 'refused'; result = parser.parse()) {
      if (result === 'request') parsed.requests.push(wordsOf(request));
      else {
        parsed.refusals ??= [];
        parsed.refusals.push([parser.problem, parsed.requests.length]);
      }
    }
    if (result === 'error') {
      parsed.problem = parser.problem;
      return parsed;
    }
    pending = Buffer.from(bytes.subarray(parser.start));
    parser.feed(pending, 0, pending.length);
    bytes.fill(0xee);
  }
  parsed.left = pending.length;
  return parsed;
}

function wordsOf(request: Request): string[] {
  return Array.from({ length: request.count }, (_, index) => request.latin1(index));
}
