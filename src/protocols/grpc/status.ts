/**
 * Errors as gRPC has them: the status of the table of errors as a code, and around Redis's text what gRPC's own tools
 * look for, a google.rpc.Status with an ErrorInfo whose reason is the kind of error.
 */
import { Metadata, type ServerErrorResponse, status } from '@grpc/grpc-js';
import { type ErrorStatus, error as errorReply } from '#commands/errors.ts';
import { ReplyError } from '../local/reply-value.ts';
import { lengthDelimited, readableText, writeVarint } from './value-writer.ts';

const codes: Readonly<Record<ErrorStatus, status>> = {
  'invalid-argument': status.INVALID_ARGUMENT,
  'failed-precondition': status.FAILED_PRECONDITION,
  'not-found': status.NOT_FOUND,
  'already-exists': status.ALREADY_EXISTS,
  'out-of-range': status.OUT_OF_RANGE,
  'resource-exhausted': status.RESOURCE_EXHAUSTED,
  unauthenticated: status.UNAUTHENTICATED,
  'permission-denied': status.PERMISSION_DENIED,
  unimplemented: status.UNIMPLEMENTED,
  aborted: status.ABORTED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** Trailers: gRPC's own for details, and the kind of error for who cannot read those. */
const detailsTrailer = 'grpc-status-details-bin';
const codeTrailer = 'zippy-error-code';
const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';
const domain = 'zippykv';

/** How a call ends that failed. */
export type Failure = ServerErrorResponse & { readonly code: status };

/** An error of the gRPC door's own. Throws nothing: it is a value like those of commands. */
export function mistake(text: string, kind: ErrorStatus = 'invalid-argument'): ReplyError {
  return ReplyError.of(errorReply(text, kind));
}

export function failureOf(error: ReplyError): Failure {
  const message = readableText(error.message);
  const code = codes[error.status];
  const metadata = new Metadata();
  metadata.set(codeTrailer, error.code);
  metadata.set(detailsTrailer, statusBytes(code, message, error.code));
  return { name: error.name, message, details: message, code, metadata };
}

/** A google.rpc.Status: code = 1, message = 2, details = 3, each an Any of type_url = 1 and value = 2. */
function statusBytes(code: status, message: string, reason: string): Buffer {
  // ErrorInfo: reason = 1, domain = 2.
  const info = Buffer.concat([text(0x0a, reason), text(0x12, domain)]);
  const any = Buffer.concat([text(0x0a, errorInfoType), lengthDelimited(0x12, info)]);
  const number = Buffer.alloc(2);
  number[0] = 0x08;
  writeVarint(number, 1, code);
  return Buffer.concat([number, text(0x12, message), lengthDelimited(0x1a, any)]);
}

function text(tag: number, value: string): Buffer {
  return lengthDelimited(tag, Buffer.from(value));
}
