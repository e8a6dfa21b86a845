/** What a call that failed becomes: the command's error where it is one, else an error of the way to the store. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { ReplyError } from '#protocols/local/reply-value.ts';
import { ZippyError } from '../zippy-error.ts';

const codeTrailer = 'zippy-error-code';

export function failureOf(error: ServiceError): ReplyError | ZippyError {
  const [code] = error.metadata?.get(codeTrailer) ?? [];
  if (typeof code !== 'string') {
    // A status of gRPC's own: UNAVAILABLE, DEADLINE_EXCEEDED and so on.
    return new ZippyError(error.details, { code: status[error.code], cause: error });
  }
  return new ReplyError(code, error.details.slice(code.length + 1));
}

/** The same where only an error that is thrown will do. */
export function thrownFailure(error: ServiceError): ZippyError {
  const failure = failureOf(error);
  if (failure instanceof ZippyError) return failure;
  return new ZippyError(failure.message, { code: failure.code, cause: error });
}
