// Fills a server with many keys fast: SETs of 16-byte keys and 32-byte values, written as ready-made RESP in batches
// over one connection. A batch is one template whose key digits are patched, so that loading costs this process far
// less than it costs the server.
//
// Little is left unanswered at any time, about 100 KiB or a millisecond of a server's work: enough to keep it busy,
// and little enough that whoever waits longer than that beside the loader waits for the server, not for the load.

import { connect } from 'node:net';
import { encode } from './wire.ts';

const batchCommands = 450;
const unansweredBatchesMax = 3;
const keyDigits = 12;
const reply = '+OK\r\n';
const minus = '-'.charCodeAt(0);
const zero = '0'.charCodeAt(0);

/** The key with this number, 16 bytes: the format redis-benchmark draws its random keys in. */
export function keyName(index: number): string {
  return `key:${`${index}`.padStart(keyDigits, '0')}`;
}

/** A run of SETs as RESP, for any range of `commands` consecutive keys. */
export class SetBatch {
  readonly #template: Buffer;
  readonly #commandBytes: number;
  readonly #lastDigitOffset: number;

  constructor(commands: number) {
    const command = encode(['SET', keyName(0), 'v'.repeat(32)]);
    this.#commandBytes = command.length;
    this.#lastDigitOffset = command.indexOf(keyName(0)) + keyName(0).length - 1;
    this.#template = Buffer.concat(Array.from({ length: commands }, () => command));
  }

  /** A new buffer that sets the keys from `from` (inclusive) to `to` (exclusive). */
  render(from: number, to: number): Buffer {
    const bytes = Buffer.from(this.#template.subarray(0, (to - from) * this.#commandBytes));
    let digitOffset = this.#lastDigitOffset;
    for (let index = from; index < to; index++, digitOffset += this.#commandBytes) {
      for (let rest = index, at = digitOffset; rest > 0; rest = Math.floor(rest / 10), at--) {
        bytes[at] = zero + (rest % 10);
      }
    }
    return bytes;
  }
}

/** Sets the keys numbered `from` (inclusive) to `to` (exclusive). Rejects on any error reply. */
export function loadKeys(port: number, { from, to }: { from: number; to: number }): Promise<void> {
  const batch = new SetBatch(batchCommands);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let sent = from;
  let answeredBytes = 0;
  const fill = () => {
    const answered = from + Math.floor(answeredBytes / reply.length);
    while (sent < to && sent - answered <= (unansweredBatchesMax - 1) * batchCommands) {
      const end = Math.min(to, sent + batchCommands);
      socket.write(batch.render(sent, end));
      sent = end;
    }
  };
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed while loading keys')));
    socket.on('data', (chunk: Buffer) => {
      // No byte of `+OK\r\n` is a minus, so one anywhere means an error.
      if (chunk.includes(minus)) reject(new Error(`loading keys: ${chunk.toString()}`));
      answeredBytes += chunk.length;
      if (answeredBytes === (to - from) * reply.length) resolve();
      else fill();
    });
    socket.once('connect', fill);
  }).finally(() => socket.destroy());
}
