/** Replies out of the bytes of `zippy.v1.Value` messages: read at once, with no object between that has a field for each kind. */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ReplyError } from '#protocols/local/reply-value.ts';
import type { Input, Reply } from '../reply.ts';

/** What comes out of a pipe at a time. What was not asked for is left out: nothing on a link of a store's is ever pushed. */
export function readReplies(bytes: Buffer): Reply[] {
  const reader = new BinaryReader(bytes);
  const replies: Reply[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    // PipeResponse.replies.
    if (tag === 0x0a) replies.push(readValue(reader));
    else reader.skip(tag & 7);
  }
  return replies;
}

/** The reply in a response whose first field is its value; in an object, for nothing would be no response. */
export function readReply(bytes: Buffer): { readonly reply: Reply } {
  return { reply: readReplies(bytes)[0] ?? null };
}

/** A Value, its length first. */
export function readValue(reader: BinaryReader): Reply {
  const end = reader.uint32() + reader.pos;
  let value: Reply = null;
  while (reader.pos < end) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 1:
        value = integerOf(reader.int64());
        break;
      case 2:
        value = reader.double();
        break;
      case 3:
        value = reader.bool();
        break;
      case 4:
        value = Buffer.from(reader.bytes());
        break;
      case 5:
        value = reader.string();
        break;
      case 6:
        value = readError(reader);
        break;
      case 7:
        value = readValues(reader);
        break;
      case 8:
        value = new Set(readValues(reader));
        break;
      case 9:
        value = mapOf(readValues(reader));
        break;
      case 10:
        value = BigInt(reader.string());
        break;
      default:
        reader.skip(tag & 7);
    }
  }
  return value;
}

function readValues(reader: BinaryReader): Reply[] {
  const end = reader.uint32() + reader.pos;
  const values: Reply[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 0x0a) values.push(readValue(reader));
    else reader.skip(tag & 7);
  }
  return values;
}

function readError(reader: BinaryReader): ReplyError {
  const end = reader.uint32() + reader.pos;
  let code = '';
  let message = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 0x0a) code = reader.string();
    else if (tag === 0x12) message = reader.string();
    else reader.skip(tag & 7);
  }
  return new ReplyError(code, message);
}

function mapOf(values: readonly Reply[]): Map<Reply, Reply> {
  const map = new Map<Reply, Reply>();
  for (let i = 0; i + 1 < values.length; i += 2) map.set(values[i] ?? null, values[i + 1] ?? null);
  return map;
}

/** A number, where it can be one exactly. */
function integerOf(value: bigint | string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** A word of a command. */
export function wordBytes(word: Input): Buffer {
  if (word instanceof Uint8Array) return Buffer.from(word.buffer, word.byteOffset, word.length);
  if (word === Number.POSITIVE_INFINITY) return Buffer.from('inf');
  if (word === Number.NEGATIVE_INFINITY) return Buffer.from('-inf');
  return Buffer.from(String(word));
}
