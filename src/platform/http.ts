/**
 * HTTP as a door sees it: one exchange of a request and a response at a time. What is malformed, too slow or too large in
 * its head never gets here. Small enough to be implemented again for another runtime, or in memory for a test.
 */

/** Names in lower case. */
export type HttpHeaders = Readonly<Record<string, string>>;

export interface HttpExchange {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** `ip:port` of the other side. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether the other side is on this machine. */
  readonly isLocal: boolean;
  /** Called once if the client is gone before its response is complete. */
  onAbort: () => void;
  /** A header of the request, its name in lower case. */
  header(name: string): string | undefined;
  /** All of the body, or why there is none: it is longer than `bytesMax`, or did not come. */
  body(bytesMax: number): Promise<Buffer | 'too long' | 'aborted'>;
  /** Sends the response. */
  send(status: number, headers: HttpHeaders, body: string): void;
  /** Begins a response whose body has no end yet. */
  stream(headers: HttpHeaders): void;
  /** Sends more of it. Returns the bytes that were not taken yet. */
  write(text: string): number;
  /** Ends it. */
  end(): void;
  /** Resolves when others have had their turn. */
  afterTurn(): Promise<void>;
}

/** What a door does with an exchange; to be called again before the one before is done. */
export type HttpHandler = (exchange: HttpExchange) => void;

export interface HttpLimits {
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
}
