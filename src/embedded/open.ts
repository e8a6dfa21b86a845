/** Opening a store in the program's own process, and servers for its tests. */
import { mkdirSync } from 'node:fs';
import { type Clock, ManualClock, systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { NodeTransport } from '#platform/node-transport.ts';
import { systemRandom } from '#platform/random.ts';
import { Server } from '#server/server.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { type Address, type ListenOptions, splitOptions } from './listening.ts';
import { logTo } from './logger.ts';
import { configOf, type OpenOptions } from './options.ts';

/**
 * Opens a store: in memory, or with `dir` one whose data outlive the process. Resolves when they are loaded. Rejects with a
 * TypeError where the options are wrong, and with an error that says what is the matter where there are data that cannot be loaded.
 */
export async function open(options: OpenOptions = {}): Promise<EmbeddedStore> {
  const { dir, logger, clock = systemClock } = options;
  const config = configOf(options);
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  const server = await Server.start({
    config,
    clock,
    random: systemRandom(),
    transport: new NodeTransport(),
    log: logger === undefined ? silentLog : logTo(logger),
    listens: false,
  });
  obey(server, clock);
  return new EmbeddedStore(server);
}

/** Has a server do at once what is due when its clock is moved by hand. */
function obey(server: Server, clock: Clock): void {
  if (!(clock instanceof ManualClock)) return;
  const tick = () => server.tick();
  clock.onAdvance.add(tick);
  void server.stopped.then(() => clock.onAdvance.delete(tick));
}

/** A store in process that clients of Redis can connect to. */
export interface TestServer extends Address, AsyncDisposable {
  /** The store itself, to look into or to fill. */
  readonly store: EmbeddedStore;
  /** Closes it. Everything it held is gone. */
  close(): Promise<void>;
}

/** Starts a server for a test: in memory, on a port of the loopback that the system picks, in milliseconds. */
export async function startServer(
  options: Omit<OpenOptions, 'dir' | 'persistence' | 'fsync'> & ListenOptions = {},
): Promise<TestServer> {
  const [doors, rest] = splitOptions(options);
  const store = await open({ ...rest, config: { bind: '127.0.0.1', shards: 1, ...rest.config } });
  try {
    const address = await store.listen({ ...doors, port: doors.port ?? 0 });
    const close = () => store.close();
    return { ...address, store, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
