/** Servers that speak HTTP, and requests to them: for tests of the HTTP door. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { ServerOptions } from '#server/server.ts';
import { type InProcessServer, portOf, startInProcess } from '../../../../test/kit/in-process.ts';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function start(flags: readonly string[] = [], overrides: Partial<ServerOptions> = {}) {
  return startInProcess(flags, { httpPort: 'any', ...overrides });
}

export async function ask(
  server: InProcessServer,
  path: string,
  asking: Asking = {},
): Promise<Answer> {
  const { method = asking.body === undefined ? 'GET' : 'POST', headers = {}, body } = asking;
  const port = portOf(server, 'HTTP');
  const request = http.request({ host: server.host, port, path, method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** What a server answers to bytes on a connection that it then closes. */
export async function raw(server: InProcessServer, ...pieces: readonly string[]): Promise<string> {
  const socket = net.connect(portOf(server, 'HTTP'), server.host);
  let text = '';
  socket.on('data', (bytes) => {
    text += String(bytes);
  });
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}
