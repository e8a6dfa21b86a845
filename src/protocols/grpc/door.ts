/**
 * The gRPC door: the services of proto/zippy/v1/zippy.proto, and those that gRPC's tools ask for, health and reflection. The
 * protocol itself is @grpc/grpc-js's business, which is given the sockets of clients when they come.
 *
 * Each HTTP/2 connection is a {@link GrpcPeer}, and what it asks is executed by local clients: so CLIENT LIST, users, limits,
 * statistics and all else that concerns clients holds for this door as for others.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import {
  type ChannelOptions,
  type ConnectionInjector,
  Server,
  ServerCredentials,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { HandedOver } from '#platform/transport.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import type { LocalDoor } from '../local/door.ts';
import { GrpcPeer } from './peer.ts';
import { createService } from './service.ts';

/** Calls that one connection may have under way; further ones wait at the client. */
const concurrentCallsMax = 1000;
/** What a message may be longer than the longest word of a command. */
const messageOverheadBytes = 1024 * 1024;
/** Lengths of messages are 32 bits on the wire, and signed here. */
const messageBytesMax = 2 ** 31 - 1;
const keepAliveTimeoutMs = 20_000;

export interface GrpcDoorParts {
  readonly local: LocalDoor;
  /** The description of the services, a FileDescriptorSet. */
  readonly descriptors: Uint8Array;
  /** Runs something once all that has come in this turn of the event loop was seen to. */
  readonly afterTurn: (run: () => void) => void;
}

export class GrpcDoor {
  private readonly local: LocalDoor;
  private readonly server: Server;
  private readonly injector: ConnectionInjector;
  private readonly health = new HealthImplementation();
  private readonly peers = new Map<string, GrpcPeer>();
  private readonly connections = new Set<HandedOver>();
  private readonly forget: () => void;

  constructor({ local, descriptors, afterTurn }: GrpcDoorParts) {
    this.local = local;
    const { config } = local.services;
    const options: ChannelOptions = {
      'grpc.enable_channelz': 0,
      'grpc.max_concurrent_streams': concurrentCallsMax,
      'grpc.max_receive_message_length': messageLimit(config.get('proto-max-bulk-len')),
      'grpc.keepalive_timeout_ms': keepAliveTimeoutMs,
    };
    this.forget = config.onChange('proto-max-bulk-len', (bytes) => {
      // The library looks at its options with every call.
      options['grpc.max_receive_message_length'] = messageLimit(bytes);
      return undefined;
    });
    this.server = new Server(options);
    const find = (call: { getPeer(): string }) => this.peers.get(call.getPeer());
    const { definition, handlers } = createService({
      find,
      afterTurn,
      commands: local.services.commands,
      unreadBytesMax: () => config.get('client-output-buffer-limit').pubsub.hardBytes,
    });
    this.server.addService(definition, handlers);
    this.health.addToServer(this.server);
    new ReflectionService(packageOf(descriptors)).addToServer(this.server);
    this.injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Takes a connection, unless there are too many. */
  accept(connection: HandedOver): void {
    const { socket } = connection;
    if (this.connections.size >= this.local.services.config.get('maxclients')) {
      this.local.services.stats.rejectedConnections++;
      socket.destroy();
      return;
    }
    const name = connection.remoteAddress.replace(/[[\]]/g, '');
    const peer = new GrpcPeer(this.local, connection);
    this.peers.set(name, peer);
    this.connections.add(connection);
    socket.once('close', () => {
      this.connections.delete(connection);
      // The system may have given its port to another by now.
      if (this.peers.get(name) === peer) this.peers.delete(name);
      peer.close();
    });
    this.injector.injectConnection(socket);
  }

  /** What the health service tells. */
  setServing(isServing: boolean): void {
    const status = isServing ? 'SERVING' : 'NOT_SERVING';
    for (const name of ['', ZippyServiceDefinition.fullName]) this.health.setStatus(name, status);
  }

  /** Takes no more calls, and resolves when those under way are answered and all connections closed. */
  close(): Promise<void> {
    this.forget();
    this.setServing(false);
    return new Promise((resolve) => this.server.tryShutdown(() => resolve()));
  }

  /** Closes what is still open. */
  destroy(): void {
    this.server.forceShutdown();
    for (const { socket } of this.connections) socket.destroy();
  }
}

function messageLimit(wordBytesMax: number): number {
  return Math.min(wordBytesMax + messageOverheadBytes, messageBytesMax);
}

/** A FileDescriptorSet, which is files in its first field, as the reflection service takes it. */
function packageOf(descriptors: Uint8Array): ConstructorParameters<typeof ReflectionService>[0] {
  const reader = new BinaryReader(descriptors);
  const fileDescriptorProtos: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    fileDescriptorProtos.push(Buffer.from(reader.bytes()));
  }
  const type = { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos };
  // All that the service looks at of a package.
  return { zippy: type as never };
}
