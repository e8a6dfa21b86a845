/** RESP, as a connection takes it. */
import type { MakeWire } from '../wire.ts';
import { RespParser } from './parser.ts';
import { RespWriter } from './writer.ts';

export const respWire: MakeWire = (request) => ({
  parser: new RespParser(request),
  sharesMessages: true,
  writer: (output) => new RespWriter(output),
});
