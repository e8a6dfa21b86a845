/** Checks the manifest of a snapshot and its deltas, with the files that it names. */
import { dirname, join } from 'node:path';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { type ChainManifest, parseChainManifest } from '#persistence/snapshot/chain-manifest.ts';
import { chainField, sequenceField } from '#persistence/snapshot/delta-format.ts';
import { count, type FileReport } from './file-report.ts';
import type { OpenFile } from './open-file.ts';

/** `checkPart` checks a file that may be missing. */
export function checkChain(file: OpenFile, checkPart: (path: string) => FileReport): FileReport {
  const { path, bytes } = file;
  const report = { path, kind: 'a manifest of a snapshot and its deltas', bytes };
  let manifest: ChainManifest;
  try {
    manifest = parseChainManifest(file.slice(0, bytes).toString('utf8'), path);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    const reason = error.message.slice(path.length + 2);
    return { ...report, facts: [], breakage: { offset: 0, reason } };
  }
  const { chain, deltas } = manifest;
  const base = checkPart(join(dirname(path), manifest.base));
  const facts = [`a base and ${count(deltas.length, 'delta')}`];
  if (base.aux?.get(chainField) !== chain) {
    const fact = `it belongs to another snapshot than ${manifest.base}: a start would leave it out`;
    return { ...report, facts: [...facts, fact], parts: [base], chain: manifest };
  }
  const merged = Number(base.aux.get(sequenceField) ?? 0);
  const parts = deltas
    .filter(({ sequence }) => sequence > merged)
    .map(({ name, sequence }) => {
      const part = checkPart(join(dirname(path), name));
      const { aux = new Map<string, string>() } = part;
      const isIt = aux.get(chainField) === chain && aux.get(sequenceField) === String(sequence);
      if (isIt || part.breakage !== undefined) return part;
      return {
        ...part,
        breakage: { offset: 0, reason: 'it is not the delta that the manifest names' },
      };
    });
  return { ...report, facts, parts: [base, ...parts], chain: manifest };
}
