/** The package's `zippykv/server`: a server that clients of Redis connect to, run by a program rather than by hand. */
import { ManualClock } from '#platform/clock.ts';
import { startServer, type TestServer } from './open.ts';

export type { TestServer };
export { ManualClock, startServer };
