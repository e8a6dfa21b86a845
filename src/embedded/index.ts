/** The package `zippykv`: a store in the program's own process, and servers for its tests. */
import { ZippyError } from '#client/zippy-error.ts';
import { ManualClock } from '#platform/clock.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import type { Address, ListenOptions } from './listening.ts';
import type { Logger } from './logger.ts';
import { open, startServer, type TestServer } from './open.ts';
import type { OpenOptions } from './options.ts';

export type { Address, EmbeddedStore, ListenOptions, Logger, OpenOptions, TestServer };
export { ManualClock, open, startServer, ZippyError };
