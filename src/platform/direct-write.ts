/**
 * Writing to a socket by its handle, past the machinery of streams: a reply that the system takes at once, as nearly all
 * are, then costs the system call and little else. A tenth of the processor time of an unpipelined request, measured.
 *
 * The handle is undocumented. From Node 26 on its `writeBuffer` makes a request object only where the system does not take
 * everything at once, and returns that; before, and on other runtimes, {@link DirectWriter.of} says that there is no such way.
 * A socket that is written to like this must not be written to in any other.
 */
import type net from 'node:net';

const nodeMajorMin = 26;

/** What a write that goes on returns. It has to hold what is being written. */
interface WriteRequest {
  oncomplete: (status: number) => void;
  handle: Handle;
  buffer: Buffer;
  /** How it ended, if it did before `oncomplete` was set. */
  writeStatus: number | null;
}

interface Handle {
  writeBuffer(request: null, bytes: Buffer): number | WriteRequest;
}

/** Up to this length the views of a buffer's beginning are kept. */
const keptViewBytesMax = 2048;

/**
 * Views of the beginnings of two buffers. Replies are written from one buffer, or from another when they had to wait for the
 * disk, and are mostly short, so that the views recur. What is written out of turn comes from buffers of the connections' own,
 * each for a single write: they keep what is known of those that all share, which takes two writes in a row to be replaced.
 */
export class StartViews {
  private bytes: Buffer = Buffer.alloc(0);
  private last: Buffer = this.bytes;
  private views: (Buffer | undefined)[] = [];
  private otherBytes = this.bytes;
  private otherViews = this.views;

  /** The first `length` bytes of `bytes`. */
  of(bytes: Buffer, length: number): Buffer {
    if (length === bytes.length) return bytes;
    if (length > keptViewBytesMax) return bytes.subarray(0, length);
    const isAgain = bytes === this.last;
    this.last = bytes;
    if (bytes !== this.bytes) {
      if (!isAgain && bytes !== this.otherBytes) return bytes.subarray(0, length);
      this.turnTo(bytes);
    }
    const known = this.views[length];
    if (known !== undefined) return known;
    const view = bytes.subarray(0, length);
    this.views[length] = view;
    return view;
  }

  private turnTo(bytes: Buffer): void {
    const { otherBytes, otherViews } = this;
    this.otherBytes = this.bytes;
    this.otherViews = this.views;
    this.bytes = bytes;
    this.views =
      bytes === otherBytes
        ? otherViews
        : new Array<Buffer | undefined>(keptViewBytesMax + 1).fill(undefined);
  }
}

/** Whose writes these are: told when the system has taken everything that it had not at once. */
export interface WriteOwner {
  onTaken(): void;
}

export class DirectWriter {
  /** Bytes not yet taken. */
  pendingBytes = 0;
  private readonly handle: Handle;
  private readonly owner: WriteOwner;

  private constructor(handle: Handle, owner: WriteOwner) {
    this.handle = handle;
    this.owner = owner;
  }

  /** The writer of a socket, or undefined where there is none. */
  static of(socket: net.Socket, owner: WriteOwner): DirectWriter | undefined {
    if (Number.parseInt(process.versions.node, 10) < nodeMajorMin || 'bun' in process.versions) {
      return undefined;
    }
    // The undocumented part; a handle without the method is refused.
    const { _handle: handle } = socket as unknown as { _handle: Partial<Handle> | null };
    if (typeof handle?.writeBuffer !== 'function') return undefined;
    return new DirectWriter(handle as Handle, owner);
  }

  /** Writes bytes, which must stay as they are unless nothing is pending afterwards. Returns whether the socket works. */
  write(bytes: Buffer): boolean {
    const result = this.handle.writeBuffer(null, bytes);
    if (typeof result === 'number') return result === 0;
    this.pendingBytes += bytes.length;
    result.handle = this.handle;
    result.buffer = bytes;
    const complete = () => {
      this.pendingBytes -= bytes.length;
      if (this.pendingBytes === 0) this.owner.onTaken();
    };
    result.oncomplete = complete;
    // It may have ended while it was dispatched.
    if (typeof result.writeStatus === 'number') complete();
    return true;
  }
}
