/** What is gathered in a turn of the event loop, with connections that write down what happens to them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type GatheredReader, GatheredReads } from './gathered-reads.ts';
import { type GatheredWriter, GatheredWrites, type WriteSlot } from './gathered-writes.ts';

/** All that was served and sent, in order. */
let events: string[] = [];

beforeEach(() => {
  events = [];
});

class Connection implements GatheredReader, GatheredWriter {
  slot: WriteSlot | undefined;
  /** Whether the system takes what is written at once. */
  takes = true;
  readonly sent: Buffer[] = [];
  readonly name: string;
  private readonly writes: GatheredWrites;
  private readonly replies: readonly string[];

  constructor(name: string, writes: GatheredWrites, ...replies: readonly string[]) {
    this.name = name;
    this.writes = writes;
    this.replies = replies;
  }

  serve(bytes: Buffer, at: number, end: number): void {
    events.push(`${this.name} asks ${bytes.toString('latin1', at, end)}`);
    for (const reply of this.replies) this.write(reply);
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    if (!this.writes.add(this, bytes, bytes.length)) this.writeNow(bytes);
  }

  writeNow(bytes: Buffer): boolean {
    this.sent.push(bytes);
    events.push(`${this.name} gets ${bytes.toString('latin1')}`);
    return this.takes;
  }
}

function read(reads: GatheredReads, from: Connection, text: string): boolean {
  return reads.add(from, Buffer.from(text), text.length);
}

const turnEnd = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('Reads of one turn', () => {
  test('are served in their order at its end, and only then are replies sent', async () => {
    const writes = new GatheredWrites();
    const reads = new GatheredReads(writes);
    const a = new Connection('a', writes, 'one');
    const b = new Connection('b', writes, 'two');
    read(reads, a, 'x');
    read(reads, b, 'yy');
    expect(events).toEqual([]);
    await turnEnd();
    expect(events).toEqual(['a asks x', 'b asks yy', 'a gets one', 'b gets two']);
  });

  test('can be served before it ends, once', async () => {
    const writes = new GatheredWrites();
    const reads = new GatheredReads(writes);
    read(reads, new Connection('a', writes), 'x');
    reads.serve();
    await turnEnd();
    expect(events).toEqual(['a asks x']);
  });

  test('are not gathered for a while where they come alone, and then again', async () => {
    const writes = new GatheredWrites();
    const reads = new GatheredReads(writes);
    const a = new Connection('a', writes);
    expect(read(reads, a, 'x')).toBe(true);
    await turnEnd();
    let atOnce = 0;
    while (!read(reads, a, 'x')) atOnce++;
    expect(atOnce).toBe(63);
    reads.serve();
  });

  test('are all gathered where there are several', async () => {
    const writes = new GatheredWrites();
    const reads = new GatheredReads(writes);
    const connections = ['a', 'b'].map((name) => new Connection(name, writes));
    for (let turn = 0; turn < 3; turn++) {
      for (const each of connections) expect(read(reads, each, 'x')).toBe(true);
      await turnEnd();
    }
    expect(events).toHaveLength(6);
  });

  test('that are large are not gathered, and many are served before the buffer is full', async () => {
    const writes = new GatheredWrites();
    const reads = new GatheredReads(writes);
    const a = new Connection('a', writes);
    expect(read(reads, a, 'x'.repeat(4097))).toBe(false);
    for (let i = 0; i < 65; i++) expect(read(reads, a, `${i % 10}`.repeat(4096))).toBe(true);
    expect(events).toHaveLength(64);
    await turnEnd();
    expect(events).toHaveLength(65);
    const expected = events.map((_, i) => `a asks ${`${i % 10}`.repeat(4096)}`);
    expect(events).toEqual(expected);
  });
});

describe('Writes', () => {
  test('go out at once while none are gathered', () => {
    const a = new Connection('a', new GatheredWrites());
    a.write('one');
    expect(events).toEqual(['a gets one']);
  });

  test('to one connection go out in one piece', () => {
    const writes = new GatheredWrites();
    const [a, b] = [new Connection('a', writes), new Connection('b', writes)];
    writes.gather();
    a.write('one');
    b.write('two');
    a.write('three');
    writes.flush();
    expect(events).toEqual(['a gets onethree', 'b gets two']);
  });

  test('keep their order around one that is too large', () => {
    const writes = new GatheredWrites();
    const a = new Connection('a', writes);
    const large = 'l'.repeat(5000);
    writes.gather();
    a.write('one');
    a.write(large);
    a.write('two');
    writes.flush();
    expect(events).toEqual(['a gets one', `a gets ${large}`, 'a gets two']);
  });

  test('that fill what is kept for a connection begin anew', () => {
    const writes = new GatheredWrites();
    const a = new Connection('a', writes);
    writes.gather();
    for (const part of ['1', '2', '3']) a.write(part.repeat(2000));
    writes.flush();
    expect(a.sent.map(({ length }) => length)).toEqual([4000, 2000]);
  });

  test('of more connections than there is room for go out at once', () => {
    const writes = new GatheredWrites();
    const connections = Array.from({ length: 300 }, (_, i) => new Connection(`${i}`, writes));
    writes.gather();
    for (const each of connections) each.write('x');
    expect(events).toHaveLength(300 - 256);
    writes.flush();
    expect(new Set(events).size).toBe(300);
  });

  test('that the system has not taken yet stay as they are', () => {
    const writes = new GatheredWrites();
    const [slow, quick] = [new Connection('slow', writes), new Connection('quick', writes)];
    slow.takes = false;
    writes.gather();
    slow.write('one');
    writes.flush();
    writes.gather();
    quick.write('two');
    writes.flush();
    expect(slow.sent.map(String)).toEqual(['one']);
  });
});
