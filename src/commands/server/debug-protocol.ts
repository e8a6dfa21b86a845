/** DEBUG PROTOCOL: a reply of each type, the values Redis gives, for the tests of clients. */
import type { Context } from '../context.ts';
import { error } from '../errors.ts';
import type { Reply } from '../reply.ts';

const bigNumber = '1234567999999999999999999999999999999';

const examples: Readonly<Record<string, (reply: Reply) => void>> = {
  string: (reply) => reply.text('Hello World'),
  integer: (reply) => reply.integer(12345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the value that Redis gives
  double: (reply) => reply.double(3.141),
  bignum: (reply) => reply.bigNumber(bigNumber),
  null: (reply) => reply.nil(),
  array(reply) {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set(reply) {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map(reply) {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib(reply) {
    const popularity = () => {
      reply.array(2);
      reply.text('key:123');
      reply.integer(90);
    };
    reply.attribute([['key-popularity', popularity]]);
    reply.text('Some real reply following the attribute');
  },
  push(reply) {
    reply.push(2);
    reply.text('server-cpu-usage');
    reply.integer(42);
    // Redis follows the push with a reply of its own.
    reply.text('Some real reply following the push reply');
  },
  verbatim: (reply) => reply.verbatim('This is a verbatim\nstring'),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

/** The types there are examples of. */
export const protocolExamples: readonly string[] = Object.keys(examples);

export function replyExample({ reply, client }: Context, type: string): void {
  const example = Object.hasOwn(examples, type) ? examples[type] : undefined;
  if (example === undefined) {
    const names = 'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false';
    return reply.error(
      error(`Wrong protocol type name. Please use one of the following: ${names}`),
    );
  }
  if (type === 'push' && client.connection.protocol === 2) {
    return reply.error(error('RESP2 is not supported by this command'));
  }
  example(reply);
}
