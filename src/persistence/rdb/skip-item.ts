/** Skipping what an RDB file says beside its keys: hints, remarks on the file, how a key was used. */
import { opcode } from './file-format.ts';
import type { RdbReader } from './reader.ts';

const slotInfoLengths = 3;

/** Skips what follows an item's code, if it is one that makes no difference to what keys hold. Returns whether it is. */
export function skipItem(reader: RdbReader, code: number): boolean {
  switch (code) {
    case opcode.resizeDatabase:
      reader.length();
      reader.length();
      return true;
    case opcode.aux:
      reader.skipString();
      reader.skipString();
      return true;
    case opcode.idle:
      reader.length();
      return true;
    case opcode.frequency:
      reader.byte();
      return true;
    case opcode.slotInfo:
      for (let index = 0; index < slotInfoLengths; index++) reader.length();
      return true;
    default:
      return false;
  }
}
