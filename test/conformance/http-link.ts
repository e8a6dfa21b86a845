/**
 * A link over HTTP. Each request is a client of its own and is not kept in order with others, so calls are sent one after
 * another. Replies have the shapes of RESP2; strings come in base64. A body is JSON, so a command with bytes goes in the path.
 */
import type {
  Link,
  Message,
  Subscription,
  SubscriptionLink,
  TransactionLink,
} from '#client/link.ts';
import type { Reply, Words } from '#client/reply.ts';
import { ZippyError } from '#client/zippy-error.ts';
import type { ReplyError } from '#protocols/local/reply-value.ts';
import { replyErrorOf } from './reply-error.ts';

type Json = null | boolean | number | string | readonly Json[];
type Answer = { readonly result: Json } | { readonly error: string };

export class HttpLink implements Link {
  private readonly url: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.url = url;
  }

  call(words: Words): Promise<Reply> {
    return this.inTurn(() => this.execute(words));
  }

  async callWaiting(words: Words, signal?: AbortSignal): Promise<Reply> {
    return this.execute(words, signal);
  }

  callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    return this.inTurn(async () => {
      const place = atomic ? '/multi-exec' : '/pipeline';
      const answer = await this.post(place, JSON.stringify(commands.map(jsonWords)));
      // The answer to many commands is a list of answers, or one error for all.
      const answers = answer as readonly Answer[] | Answer;
      if (Array.isArray(answers)) return answers.map(replyOf);
      const refused = replyOf(answer as Answer);
      return commands.map(() => refused);
    });
  }

  /** A transaction belongs to a connection, and a request's ends with it. */
  begin(): Promise<TransactionLink> {
    return Promise.reject(new ZippyError('ERR HTTP has no interactive transactions'));
  }

  async subscribe(
    { channels, patterns }: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink> {
    const names = patterns.length > 0 ? patterns : channels;
    const path = pathOf([patterns.length > 0 ? 'psubscribe' : 'subscribe', ...names]);
    const controller = new AbortController();
    const response = await fetch(this.url + path, { signal: controller.signal });
    const subscribed = Promise.withResolvers<void>();
    let left = names.length;
    const onEvent = (event: string) => {
      const message = messageOf(event);
      if (message !== undefined) onMessage(message);
      else if (--left === 0) subscribed.resolve();
    };
    void readEvents(response, onEvent)
      .catch(() => {})
      .finally(() => {
        subscribed.reject(new ZippyError('ERR the connection is closed'));
        onClose();
      });
    await subscribed.promise;
    return { close: async () => controller.abort() };
  }

  async close(): Promise<void> {
    await this.last;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  private async execute(words: Words, signal?: AbortSignal): Promise<Reply> {
    const hasBytes = words.some((word) => word instanceof Uint8Array);
    const answer = hasBytes
      ? await this.post(pathOf(words), '', signal)
      : await this.post('/', JSON.stringify(jsonWords(words)), signal);
    return replyOf(answer as Answer);
  }

  private async post(
    path: string,
    body: string,
    signal: AbortSignal | null = null,
  ): Promise<unknown> {
    const headers = { 'upstash-encoding': 'base64' };
    const response = await fetch(this.url + path, { method: 'POST', headers, body, signal });
    return response.json();
  }
}

function jsonWords(words: Words): string[] {
  return words.map((word) => {
    if (word instanceof Uint8Array) throw new TypeError('bytes cannot be sent in JSON');
    return String(word);
  });
}

/** Ends in a slash, for a last word that is empty. */
function pathOf(words: Words): string {
  const segments = words.map((word) => {
    const bytes = word instanceof Uint8Array ? Buffer.from(word) : Buffer.from(String(word));
    return bytes.toString('hex').replace(/../g, '%$&');
  });
  return `/${segments.join('/')}/`;
}

function replyOf(answer: Answer): Reply | ReplyError {
  return 'error' in answer ? replyErrorOf(answer.error) : valueIn(answer.result);
}

function valueIn(value: Json): Reply {
  if (typeof value === 'string') return value === 'OK' ? value : Buffer.from(value, 'base64');
  return typeof value === 'object' && value !== null ? value.map(valueIn) : value;
}

async function readEvents(response: Response, onEvent: (event: string) => void): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    const events = (text + decoder.decode(bytes, { stream: true })).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) onEvent(event.replace(/^data: /gm, ''));
  }
}

/** A message, if it is one: its parts are joined by commas, which names of channels must then not have. */
function messageOf(event: string): Message<Uint8Array> | undefined {
  const [, pattern, channel = '', message = ''] =
    /^(?:message|pmessage,([^,]*)),([^,]*),(.*)$/s.exec(event) ?? [];
  if (!/^p?message,/.test(event)) return undefined;
  const heard = { channel, message: Buffer.from(message) };
  return pattern === undefined ? heard : { ...heard, pattern };
}
