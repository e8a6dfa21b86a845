/** Methods of the generated definitions as @grpc/grpc-js takes them, for servers and clients. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A type of messages, as it is generated. */
interface MessageType<Message> {
  encode(message: Message, writer?: BinaryWriter): BinaryWriter;
  decode(bytes: Uint8Array): Message;
}

interface GeneratedMethod<Request, Response> {
  readonly name: string;
  readonly requestType: MessageType<Request>;
  readonly requestStream: boolean;
  readonly responseType: MessageType<Response>;
  readonly responseStream: boolean;
}

export interface Method<Request = unknown, Response = unknown> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  requestSerialize(request: Request): Buffer;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(response: Response): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

export function methodOf<Request, Response>(
  service: string,
  {
    name,
    requestType,
    requestStream,
    responseType,
    responseStream,
  }: GeneratedMethod<Request, Response>,
): Method<Request, Response> {
  return {
    path: `/${service}/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (request) => serialize(requestType, request),
    requestDeserialize: (bytes) => requestType.decode(bytes),
    responseSerialize: (response) => serialize(responseType, response),
    responseDeserialize: (bytes) => responseType.decode(bytes),
  };
}

/** A writer whose buffer grew beyond this is not used again. */
const keptBytesMax = 64 * 1024;

/** One for all messages: making its buffer takes longer than writing what is usual. */
let sharedWriter = new BinaryWriter();

function serialize<Message>(type: MessageType<Message>, message: Message): Buffer {
  const writer = sharedWriter;
  // Where a message cannot be written, what was of it would stay in the writer.
  sharedWriter = new BinaryWriter();
  const { buffer, byteOffset, length } = type.encode(message, writer).finish();
  if (length <= keptBytesMax) sharedWriter = writer;
  return Buffer.from(buffer, byteOffset, length);
}
