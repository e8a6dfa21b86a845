/**
 * Where the server listens, whom it lets in, and how much a client may ask for.
 */
import { addresses, outputBufferLimits } from '../composite-types.ts';
import type { Directives } from '../directive.ts';
import { integer, memory, memoryOrPercent, octal, secret, text, yesNo } from '../scalar-types.ts';
import { int32Max, int64Max, uint32Max } from '../value-type.ts';

export const networkDirectives = {
  bind: {
    type: addresses(16),
    default: '127.0.0.1 -::1',
    mutable: false,
    summary:
      'Addresses to listen on. Redis itself listens on every address unless told otherwise; this is what its redis.conf says. At run time, Redis can change it; Zippy cannot.',
  },
  port: {
    type: integer(0, 65535),
    default: '6379',
    mutable: false,
    summary: 'TCP port to listen on; 0 for none. At run time, Redis can change it; Zippy cannot.',
  },
  'grpc-port': {
    type: integer(0, 65535),
    default: '6381',
    mutable: false,
    summary: 'TCP port to speak gRPC on, at the addresses of bind; 0 for none. Zippy’s own.',
  },
  unixsocket: {
    type: text({ optional: true, expected: 'a path; empty means none' }),
    default: '',
    mutable: false,
    summary: 'Path of a unix socket to listen on.',
  },
  unixsocketperm: {
    type: octal(0o777),
    default: '0',
    mutable: false,
    summary: 'Permissions of the unix socket; 0 leaves them to the umask.',
  },
  'http-port': {
    type: integer(0, 65535),
    default: '6380',
    mutable: false,
    summary:
      'TCP port for HTTP: REST, metrics, health; 0 for none. In use by another program, it is gone without, unless it was set.',
  },
  'http-tls': {
    type: yesNo(),
    default: 'no',
    mutable: false,
    summary: 'Whether HTTP is spoken over TLS, with the certificates of tls-port.',
  },
  'http-max-body': {
    type: memory(1024, int64Max),
    default: '8mb',
    mutable: true,
    summary: 'The longest body of an HTTP request.',
  },
  'http-request-timeout': {
    type: integer(1, int32Max, { unit: 'seconds' }),
    default: '30',
    mutable: false,
    summary: 'How long an HTTP client may take to send a request.',
  },
  'line-port': {
    type: integer(0, 65535),
    default: '0',
    mutable: false,
    summary: 'TCP port for the line protocol; 0 for none.',
  },
  timeout: {
    type: integer(0, int32Max, { unit: 'seconds' }),
    default: '0',
    mutable: true,
    summary: 'Close a client that was idle for so long; 0 is never.',
  },
  'tcp-keepalive': {
    type: integer(0, int32Max, { unit: 'seconds' }),
    default: '300',
    mutable: true,
    summary: 'Idle time before TCP probes whether a client is still there; 0 for no probes.',
  },
  'tcp-backlog': {
    type: integer(0, int32Max),
    default: '511',
    mutable: false,
    summary: 'Connections the kernel may queue before they are accepted.',
  },
  'protected-mode': {
    type: yesNo(),
    default: 'yes',
    mutable: true,
    summary: 'While no password is set, refuse clients that are not on this machine.',
  },
  maxclients: {
    type: integer(1, uint32Max),
    default: '10000',
    mutable: true,
    summary: 'Clients that may be connected at once.',
  },
  requirepass: {
    type: secret(),
    default: '',
    mutable: true,
    sensitive: true,
    summary: 'Password that clients give with AUTH.',
  },
  'proto-max-bulk-len': {
    type: memory(1024 ** 2, int64Max),
    default: '512mb',
    mutable: true,
    summary: 'The longest single argument of a command.',
  },
  'client-query-buffer-limit': {
    type: memory(1024 ** 2, int64Max),
    default: '1gb',
    mutable: true,
    summary: 'The most unprocessed input of one client.',
  },
  'client-output-buffer-limit': {
    type: outputBufferLimits(),
    default: 'normal 0 0 0 replica 256mb 64mb 60 pubsub 32mb 8mb 60',
    mutable: true,
    summary: 'Limits on the replies that wait for a slow reader, after which it is closed.',
  },
  'maxmemory-clients': {
    type: memoryOrPercent(int64Max),
    default: '0',
    mutable: true,
    summary:
      'Memory that the buffers of all clients together may take, absolute or as a share of maxmemory; 0 is no limit.',
  },
} as const satisfies Directives;
