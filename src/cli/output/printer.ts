/** Where replies go: standard output, in the style that was asked for or that fits whoever reads it. */
import { createColors } from 'picocolors';
import type { Reply } from '#protocols/resp/reply.ts';
import { formatReply, type OutputMode, type OutputStyle } from './format.ts';
import { type Paint, unpainted } from './typed.ts';

/** Colours for a terminal, unless NO_COLOR is set or `isColoured` says otherwise. */
function painter(isColoured: boolean): Paint {
  if (!isColoured) return unpainted;
  const colours = createColors(true);
  const byPart = {
    string: colours.green,
    number: colours.cyan,
    nothing: colours.dim,
    truth: colours.magenta,
    error: colours.red,
    status: colours.bold,
    index: colours.dim,
  } as const;
  return (part, text) => byPart[part](text);
}

/** Whether a stream shows colours: a terminal that nobody told not to. */
function showsColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true;
}

export interface PrinterOptions {
  readonly mode?: OutputMode;
  readonly itemDelimiter?: string;
  readonly replyDelimiter?: string;
}

export class Printer {
  readonly style: OutputStyle;
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream, options: PrinterOptions = {}) {
    this.stream = stream;
    this.style = {
      // Programs want values, people want to see what they are.
      mode: options.mode ?? (stream.isTTY === true ? 'typed' : 'raw'),
      itemDelimiter: options.itemDelimiter ?? '\n',
      replyDelimiter: options.replyDelimiter ?? '\n',
      paint: painter(showsColours(stream)),
    };
  }

  reply(reply: Reply): void {
    this.bytes(formatReply(reply, this.style));
  }

  /** A byte string as it is. */
  bytes(bytes: string): void {
    this.stream.write(bytes, 'latin1');
  }

  /** A line of text. */
  line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
