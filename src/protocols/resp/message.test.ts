import { expect, test } from 'vitest';
import { FakeNetwork } from './testing/fake-network.ts';

test('a message reaches each subscriber as its protocol has it, the next one with its own bytes', () => {
  const network = new FakeNetwork();
  const subscribers = [2, 3, 2, 3].map((protocol) => {
    const client = network.connect();
    client.call('HELLO', `${protocol}`);
    client.call('SUBSCRIBE', 'news');
    client.call('PSUBSCRIBE', 'n*');
    return { client, head: protocol === 3 ? '>' : '*' };
  });
  const publisher = network.connect();
  for (const text of ['one', 'another', '']) {
    expect(publisher.call('PUBLISH', 'news', text)).toBe(':8\r\n');
    const end = `$4\r\nnews\r\n$${text.length}\r\n${text}\r\n`;
    for (const { client, head } of subscribers) {
      expect(client.received()).toBe(
        `${head}3\r\n$7\r\nmessage\r\n${end}${head}4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n${end}`,
      );
    }
  }
});
