/**
 * The HTTP door: commands by REST as Upstash's clients send them, messages as server-sent events, metrics and health. Each
 * request is a client of its own, which comes through the local door and is gone with the response: nothing that one
 * request has said (its user, its database, a transaction) is there for the next, whatever connection or proxy they share.
 */
import type { Services } from '#commands/services.ts';
import type { HttpExchange, HttpHeaders } from '#platform/http.ts';
import type { LocalConnection } from '../local/connection.ts';
import type { LocalDoor } from '../local/door.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';
import { streamEvents } from './events.ts';
import { credentialsOf, isFromElsewhere } from './guard.ts';
import { type Encoding, errorJson, replyJson } from './json-reply.ts';
import { metricsContentType, metricsText } from './metrics.ts';
import {
  BadRequest,
  commandsOfBody,
  parseTarget,
  type Target,
  tokenOf,
  type Words,
  wordsOfBody,
  wordsOfPath,
} from './words.ts';

const json: HttpHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  // What somebody has stored is not to be taken for a page.
  'x-content-type-options': 'nosniff',
};
const methods = ['GET', 'POST', 'PUT'];
/** So many commands of one request are executed before others have their turn. */
const commandsPerTurn = 100;

const fromElsewhere =
  'DENIED the request seems to come from a web page of another site, or names this host otherwise than by address ' +
  'or localhost while no password is set';

/** A request that may be served, and who asks. */
interface Call {
  readonly exchange: HttpExchange;
  readonly connection: LocalConnection;
  readonly target: Target;
  /** The first segment of the path, in case it is no command. */
  readonly place: string;
  readonly encoding: Encoding;
}

export class HttpDoor {
  private readonly local: LocalDoor;
  private readonly services: Services;

  constructor(local: LocalDoor) {
    this.local = local;
    this.services = local.services;
  }

  /** Serves a request. */
  handle(exchange: HttpExchange): void {
    void this.serve(exchange);
  }

  private async serve(exchange: HttpExchange): Promise<void> {
    try {
      const target = parseTarget(exchange.target);
      const place = target.segments[0]?.toString() ?? '';
      if (!methods.includes(exchange.method)) {
        respond(exchange, 405, errorJson(`ERR use ${methods.join(', ')}`));
      } else if (place === 'healthz' && target.segments.length === 1) this.tellHealth(exchange);
      else await this.admit(exchange, target, place);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      respond(exchange, 400, errorJson(`ERR ${error.message}`));
    }
  }

  private tellHealth(exchange: HttpExchange): void {
    const isLoading = this.services.loading.isActive;
    const status = isLoading ? 'loading' : 'ok';
    respond(exchange, isLoading ? 503 : 200, JSON.stringify({ status }));
  }

  /** Lets a client in that may come in, and serves it. */
  private async admit(exchange: HttpExchange, target: Target, place: string): Promise<void> {
    const { access, config } = this.services;
    const isOpen = !access.needsAuth && config.get('protected-mode');
    if (isFromElsewhere(exchange, isOpen)) return respond(exchange, 403, errorJson(fromElsewhere));
    const connection = this.local.admit(exchange, { protocol: 2 });
    if (connection instanceof ReplyError) {
      const status = connection.code === 'DENIED' ? 403 : 503;
      return respond(exchange, status, errorJson(connection.message));
    }
    try {
      const encoding = exchange.header('upstash-encoding') === 'base64' ? 'base64' : 'text';
      const call: Call = { exchange, connection, target, place, encoding };
      exchange.onAbort = () => connection.close();
      if (this.isAuthenticated(call)) await this.dispatch(call);
      else refuseStranger(exchange);
    } finally {
      connection.close();
    }
  }

  private isAuthenticated({ exchange, target, connection }: Call): boolean {
    const { access } = this.services;
    const credentials = credentialsOf(exchange, tokenOf(target), access);
    if (credentials === undefined) return !access.needsAuth;
    return connection.authenticate(credentials.user, credentials.password);
  }

  private dispatch(call: Call): Promise<void> {
    const isAlone = call.target.segments.length === 1;
    if (isAlone && call.place === 'metrics') return this.tellMetrics(call);
    if (isAlone && call.place === 'pipeline') return this.runAll(call, false);
    if (isAlone && call.place === 'multi-exec') return this.runAll(call, true);
    if (/^(p?subscribe|monitor)$/i.test(call.place)) return this.stream(call);
    return this.runOne(call);
  }

  private async runOne(call: Call): Promise<void> {
    const { exchange, connection, target, encoding } = call;
    const body = await this.bodyOf(exchange);
    if (body === undefined) return;
    const isPath = target.segments.length > 0;
    if (!isPath && body.length === 0) return respond(exchange, 404, errorJson('ERR no command'));
    const value = await connection.call(isPath ? wordsOfPath(target, body) : wordsOfBody(body));
    respond(exchange, statusOf(value, connection), replyJson(value, encoding));
  }

  /** Runs many commands one after another, or as one transaction. */
  private async runAll(call: Call, isTransaction: boolean): Promise<void> {
    const { exchange, connection, encoding } = call;
    const body = await this.bodyOf(exchange);
    if (body === undefined) return;
    const commands = commandsOfBody(body);
    const values = isTransaction
      ? await transact(exchange, connection, commands)
      : await runEach(exchange, connection, commands);
    if (values instanceof ReplyError) {
      respond(exchange, statusOf(values, connection), errorJson(values.message));
    } else
      respond(exchange, 200, `[${values.map((value) => replyJson(value, encoding)).join(',')}]`);
  }

  private async tellMetrics({ exchange, connection }: Call): Promise<void> {
    const info = await connection.call(['INFO', 'EVERYTHING'], true);
    if (typeof info !== 'string') {
      const text = info instanceof ReplyError ? info.message : 'ERR no INFO';
      return respond(exchange, 403, errorJson(text));
    }
    const text = metricsText(info, this.services.histograms);
    exchange.send(200, { 'content-type': metricsContentType }, text);
  }

  private async stream({ exchange, connection, target }: Call): Promise<void> {
    const { hardBytes } = this.services.config.get('client-output-buffer-limit').pubsub;
    const refusal = await streamEvents(exchange, connection, target.segments, hardBytes);
    if (refusal !== undefined) respond(exchange, 400, errorJson(refusal.message));
  }

  /** The body, or undefined where there is none and that has been said. */
  private async bodyOf(exchange: HttpExchange): Promise<Buffer | undefined> {
    const bytesMax = this.services.config.get('http-max-body');
    const body = await exchange.body(bytesMax);
    if (typeof body !== 'string') return body;
    if (body === 'too long') {
      respond(exchange, 413, errorJson(`ERR the body is longer than http-max-body: ${bytesMax}`));
    }
    return undefined;
  }
}

async function runEach(
  exchange: HttpExchange,
  connection: LocalConnection,
  commands: readonly Words[],
): Promise<readonly ReplyValue[]> {
  const values: ReplyValue[] = [];
  for (let at = 0; at < commands.length; at += commandsPerTurn) {
    const some = commands.slice(at, at + commandsPerTurn);
    values.push(...(await Promise.all(some.map((words) => connection.call(words)))));
    if (at + commandsPerTurn < commands.length) await exchange.afterTurn();
  }
  return values;
}

async function transact(
  exchange: HttpExchange,
  connection: LocalConnection,
  commands: readonly Words[],
): Promise<readonly ReplyValue[] | ReplyError> {
  const begun = await connection.call(['MULTI']);
  if (begun instanceof ReplyError) return begun;
  await runEach(exchange, connection, commands);
  const values = await connection.call(['EXEC']);
  if (values instanceof ReplyError) return values;
  return Array.isArray(values) ? values : [];
}

function statusOf(value: ReplyValue, { isClosing }: LocalConnection): number {
  if (!(value instanceof ReplyError)) return 200;
  // Closed before it was answered: the server stops, or somebody has killed the client.
  return isClosing || value.code === 'LOADING' ? 503 : 400;
}

function refuseStranger(exchange: HttpExchange): void {
  const headers = { ...json, 'www-authenticate': 'Bearer' };
  exchange.send(401, headers, errorJson('WRONGPASS invalid or missing token'));
}

function respond(exchange: HttpExchange, status: number, body: string): void {
  exchange.send(status, json, body);
}
