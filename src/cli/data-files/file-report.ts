/** What the tools say about a file of data. */
import type { ChainManifest } from '#persistence/snapshot/chain-manifest.ts';

/** Where a file stops making sense, and why. */
export interface Breakage {
  readonly offset: number;
  readonly reason: string;
}

export interface FileReport {
  readonly path: string;
  /** What it is, with its article. */
  readonly kind: string;
  readonly bytes: number;
  /** What is in it, a line each. */
  readonly facts: readonly string[];
  readonly breakage?: Breakage;
  /** Up to where an append-only file is whole; where it is broken, all that follows can be cut off. */
  readonly wholeBytes?: number;
  /** What an RDB file says of itself. */
  readonly aux?: ReadonlyMap<string, string>;
  /** The files that a manifest names. */
  readonly parts?: readonly FileReport[];
  /** What the manifest of a snapshot says. */
  readonly chain?: ChainManifest;
}

export function isSound({ breakage, parts = [] }: FileReport): boolean {
  return breakage === undefined && parts.every(isSound);
}

/** The report as lines. */
export function formatReport(report: FileReport): string[] {
  const { path, kind, bytes, facts, breakage, wholeBytes, parts = [] } = report;
  const lines = [`${path}: ${kind}, ${count(bytes, 'byte')}`, ...facts.map((fact) => `  ${fact}`)];
  if (breakage !== undefined) {
    lines.push(`  BROKEN at byte ${breakage.offset}: ${breakage.reason}`);
    if (wholeBytes !== undefined) {
      const rest = count(bytes - wholeBytes, 'byte');
      lines.push(
        `  whole up to byte ${wholeBytes}: zippy repair ${path} would cut the last ${rest}`,
      );
    }
  } else if (parts.length === 0) lines.push('  sound');
  return [...lines, ...parts.flatMap(formatReport)];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
