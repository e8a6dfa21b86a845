/** The line protocol, as a connection takes it. */
import type { MakeWire } from '../wire.ts';
import { LineParser } from './parser.ts';
import { LineWriter } from './writer.ts';

export const lineWire: MakeWire = (request) => {
  const parser = new LineParser(request);
  return { parser, sharesMessages: false, writer: (output) => new LineWriter(output, parser) };
};
