/**
 * Libraries of functions as FUNCTION DUMP hands them out: each an opcode (245) and the library's code as a string, then version
 * and checksum as behind a dumped value (payload.ts).
 */
import { Slice } from '#memory/slice.ts';
import { Crc64 } from './crc64.ts';
import { rdbVersion } from './format.ts';
import { isPayload } from './payload.ts';
import { RdbError } from './rdb-error.ts';
import { RdbReader } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import { RdbWriter } from './writer.ts';

const functionOpcode = 245;
const footerBytes = 10;

/** The payload of libraries with these codes. */
export function dumpFunctions(codes: readonly Buffer[]): Slice {
  const writer = new RdbWriter();
  const code = new Slice();
  for (const bytes of codes) {
    writer.byte(functionOpcode);
    writer.string(code.point(bytes, 0, bytes.length));
  }
  writer.byte(rdbVersion);
  writer.byte(0);
  const crc = new Crc64().reset().update(writer.bytes, 0, writer.length);
  writer.word(crc.low);
  writer.word(crc.high);
  return new Slice().point(writer.bytes, 0, writer.length);
}

/** The codes in a payload; undefined if it is none. */
export function readFunctions(payload: Slice): Buffer[] | undefined {
  if (!isPayload(payload)) return undefined;
  const end = payload.length - footerBytes;
  const reader = new RdbReader(payload.bytes, payload.at, end);
  const codes: Buffer[] = [];
  try {
    while (!reader.isAtEnd) {
      if (reader.byte() !== functionOpcode) return undefined;
      codes.push(Buffer.from(reader.string(new TextSlot()).copy()));
    }
    return codes;
  } catch (error) {
    if (error instanceof RdbError) return undefined;
    throw error;
  }
}
