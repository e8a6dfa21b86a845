/** Payloads for tests: the footer that makes bytes one, whatever they are. */
import { Crc64 } from '../crc64.ts';

/** A payload of a serialized value, with a checksum that is right. */
export function payloadOf(value: Buffer, version = 10): Buffer {
  const payload = Buffer.concat([value, Buffer.alloc(10)]);
  payload.writeUInt16LE(version, value.length);
  const { low, high } = new Crc64().update(payload, 0, value.length + 2);
  payload.writeUInt32LE(low, value.length + 2);
  payload.writeUInt32LE(high, value.length + 6);
  return payload;
}

/** The serialized value in a payload. */
export function valueIn(payload: Buffer): Buffer {
  return payload.subarray(0, -10);
}
