/**
 * Replies that a client may not have yet: those to commands whose effects are not safe on disk, and all that came after
 * them. Copies, in order, each with the position in the effect feed that it waits for.
 */
const bufferBytes = 4096;

interface Piece {
  /** Never less than that of the piece before. */
  readonly position: number;
  bytes: Buffer;
  length: number;
}

export class HeldReplies {
  /** Bytes held. */
  length = 0;
  private pieces: Piece[] = [];

  /** Adds replies that wait until `position` is safe. The bytes are copied. */
  add(position: number, bytes: Buffer, length: number): void {
    this.length += length;
    let piece = this.pieces.at(-1);
    if (piece?.position !== position || piece.bytes.length - piece.length < length) {
      piece = { position, bytes: Buffer.allocUnsafeSlow(Math.max(bufferBytes, length)), length: 0 };
      this.pieces.push(piece);
    }
    bytes.copy(piece.bytes, piece.length, 0, length);
    piece.length += length;
  }

  /** Takes what waited for no more than `position`, in order. */
  take(position: number): readonly Buffer[] {
    const { pieces } = this;
    const first = pieces.findIndex((piece) => piece.position > position);
    const taken = first < 0 ? pieces : pieces.slice(0, first);
    this.pieces = first < 0 ? [] : pieces.slice(first);
    return taken.map(({ bytes, length }) => {
      this.length -= length;
      return bytes.subarray(0, length);
    });
  }
}
