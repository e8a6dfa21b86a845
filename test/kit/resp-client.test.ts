/** The test kit's own protocol reader and client, which the other tests believe. */
import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeCommand } from '#protocols/resp/reply.ts';
import { ReplyParser, RespSyntaxError } from '#protocols/resp/reply-parser.ts';
import { ConnectionLostError, RespClient } from './resp-client.ts';
import { encodeReply, formatReply, type Reply } from './resp-reply.ts';

const line = fc.string({ unit: 'binary-ascii' }).map((text) => text.replace(/[\r\n]/g, ' '));
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));

const { reply } = fc.letrec<{ reply: Reply }>((tie) => {
  const items = fc.array(tie('reply'), { maxLength: 4 });
  const of = <Type extends string>(type: Type) => fc.constant(type);
  return {
    reply: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'reply' },
      fc.record({ type: of('simple'), text: line }),
      fc.record({ type: of('error'), text: line }),
      fc.record({ type: of('int'), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
      fc.record({ type: of('bulk'), bytes }),
      fc.record({ type: of('null'), form: fc.constantFrom('bulk', 'array', 'resp3') }),
      fc.record({ type: of('double'), text: line }),
      fc.record({ type: of('bool'), value: fc.boolean() }),
      fc.record({ type: of('verbatim'), format: fc.constantFrom('txt', 'mkd'), bytes }),
      fc.record({ type: of('bigNumber'), text: line }),
      fc.record({ type: of('bulkError'), text: line }),
      fc.record({ type: of('array'), items }),
      fc.record({ type: of('set'), items }),
      fc.record({ type: of('push'), items }),
      fc.record({
        type: of('map'),
        entries: fc.array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 3 }),
      }),
    ),
  };
});

describe('the reply parser', () => {
  test('gives back every reply byte for byte, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 6 }),
        fc.infiniteStream(fc.nat(9)),
        (replies, cuts) => {
          const stream = Buffer.concat(replies.map(encodeReply));
          const parser = new ReplyParser();
          const parsed: Reply[] = [];
          for (let at = 0; at < stream.length; ) {
            const end = at + (cuts.next().value ?? 0);
            parser.push(stream.subarray(at, end));
            at = end;
            for (let next = parser.next(); next !== undefined; next = parser.next())
              parsed.push(next);
          }
          expect(parsed).toEqual(replies);
          expect(parser.pendingBytes).toBe(0);
        },
      ),
    );
  });

  test.each([
    ':+1\r\n',
    ':01\r\n',
    '$-2\r\n',
    '$+1\r\n',
    '+a\n',
    '$1\r\nab\r\n',
    '#x\r\n',
    '?\r\n',
  ])('refuses %j', (text) => {
    const parser = new ReplyParser();
    parser.push(Buffer.from(text));
    expect(() => parser.next()).toThrow(RespSyntaxError);
  });

  test('tells the three nulls apart', () => {
    const parser = new ReplyParser();
    parser.push(Buffer.from('$-1\r\n*-1\r\n_\r\n'));
    expect(
      [parser.next(), parser.next(), parser.next()].map((each) => each && formatReply(each)),
    ).toEqual(['null (bulk)', 'null (array)', 'null (resp3)']);
  });
});

describe('the client', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.close();
    server = undefined;
  });

  /** A server that does what `serve` does with each connection, and a client connected to it. */
  async function connectedTo(serve: (socket: Socket) => void, replyTimeoutMs = 5_000) {
    const listening = createServer(serve);
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return RespClient.connect({ host: '127.0.0.1', port: address.port }, { replyTimeoutMs });
  }

  test('sends commands as arrays of bulk strings', () => {
    expect(encodeCommand(['SET', 'é', Buffer.from([0, 255])])).toEqual(
      Buffer.from('*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$2\r\n\x00\xff\r\n', 'latin1'),
    );
  });

  test('keeps push messages out of the replies', async () => {
    const client = await connectedTo((socket) => {
      socket.once('data', () => socket.write('+1\r\n>1\r\n+note\r\n+2\r\n'));
    });
    const replies = await client.pipeline([['A'], ['B']]);
    expect(replies.map(formatReply)).toEqual(['simple "1"', 'simple "2"']);
    expect(client.pushes.map(formatReply)).toEqual(['push [simple "note"]']);
    await client.close();
  });

  test('hands over the replies that came before the connection was lost', async () => {
    const client = await connectedTo((socket) => {
      socket.once('data', () => socket.end('+1\r\n+'));
    });
    const error: unknown = await client.pipeline([['A'], ['B']]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error).toMatchObject({ replies: [{ type: 'simple', text: '1' }] });
    expect(client.usable).toBe(false);
  });

  test('gives up on a server that does not answer', async () => {
    const client = await connectedTo(() => {}, 20);
    await expect(client.send('A')).rejects.toThrow('no reply within 20 ms');
    await client.closed;
  });
});
