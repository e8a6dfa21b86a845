/** A gRPC client for tests: every method of the service, with nothing between the test and the library. */
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { methodOf } from '#proto/method.ts';
import type { Command } from '#proto/zippy/v1/values.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';

const { fullName, methods } = ZippyServiceDefinition;
type Methods = typeof methods;
type MessageOf<T> = T extends { decode(bytes: Uint8Array): infer Message } ? Message : never;
type Request<Name extends keyof Methods> = MessageOf<Methods[Name]['requestType']>;
type Response<Name extends keyof Methods> = MessageOf<Methods[Name]['responseType']>;

export interface CallSettings extends CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Given the call, to cancel it. */
  readonly onCall?: (call: ClientUnaryCall) => void;
}

export class RawClient implements AsyncDisposable {
  readonly client: Client;

  constructor(port: number, channel: ChannelCredentials = credentials.createInsecure()) {
    // For TLS, which wants a name and not an address.
    const options = { 'grpc.ssl_target_name_override': 'localhost' };
    this.client = new Client(`127.0.0.1:${port}`, channel, options);
  }

  /** A unary call. The fields that a request leaves out are as if they had not been set. */
  call<Name extends keyof Methods>(
    name: Name,
    request: Partial<Request<Name>> = {},
    { metadata = {}, onCall = () => {}, ...options }: CallSettings = {},
  ): Promise<Response<Name>> {
    const { path, requestSerialize, responseDeserialize } = this.method(name);
    const complete = { ...this.method(name).requestDeserialize(Buffer.alloc(0)), ...request };
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        complete,
        metadataOf(metadata),
        options,
        (error, response) => {
          if (error !== null) reject(error);
          else if (response !== undefined) resolve(response);
        },
      );
      onCall(call);
    });
  }

  /** A stream in both directions. */
  stream<Name extends 'pipe' | 'transaction'>(
    name: Name,
    { metadata = {}, ...options }: CallSettings = {},
  ): ClientDuplexStream<Request<Name>, Response<Name>> {
    const { path, requestSerialize, responseDeserialize } = this.method(name);
    return this.client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(metadata),
      options,
    );
  }

  subscribe(request: Partial<Request<'subscribe'>>): ClientReadableStream<Response<'subscribe'>> {
    const { path, requestSerialize, responseDeserialize } = this.method('subscribe');
    return this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
      ...{ channels: [], patterns: [] },
      ...request,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
  }

  private method<Name extends keyof Methods>(name: Name) {
    // The definition says which messages a method has; the compiler does not follow by itself.
    return methodOf<Request<Name>, Response<Name>>(fullName, methods[name] as never);
  }
}

/** A command of texts. */
export function command(...words: readonly string[]): Command {
  return { words: words.map((word) => Buffer.from(word)) };
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<ServiceError> {
  return await call.then(
    () => {
      throw new Error('the call succeeded');
    },
    // What the library rejects with.
    (error: unknown) => error as ServiceError,
  );
}

function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}
