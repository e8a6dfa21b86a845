/** Finds out what kind of file it is, and checks it. */
import { dirname, join } from 'node:path';
import { filesOf, type Manifest, parseManifest } from '#persistence/aof/manifest.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { isChainManifest } from '#persistence/snapshot/chain-manifest.ts';
import { checkChain } from './check-chain.ts';
import { checkDeltaFile, isDelta } from './check-delta.ts';
import { checkLog } from './check-log.ts';
import { checkRdb, isRdb } from './check-rdb.ts';
import { count, type FileReport } from './file-report.ts';
import { OpenFile } from './open-file.ts';

const magicBytes = 16;
/** A manifest that is longer is none. */
const manifestBytesMax = 1 << 26;

/** Checks a file. Throws what the system says if it cannot be read. */
export function checkFile(path: string): FileReport {
  using file = new OpenFile(path);
  const start = file.slice(0, magicBytes);
  if (isChainManifest(start.toString('latin1'))) return checkChain(file, checkPart);
  if (isRdb(start)) return isDelta(file) ? checkDeltaFile(file) : checkRdbFile(file);
  if (isManifest(file, start)) return checkManifest(file);
  const { bytes } = file;
  if (bytes > 0 && !/^[*#]/.test(start.toString('latin1'))) {
    const found = JSON.stringify(start.toString('latin1'));
    const reason = `expected an RDB file (REDIS), a manifest (file ...) or commands (*), found ${found}`;
    return { path, kind: 'not a file of data', bytes, facts: [], breakage: { offset: 0, reason } };
  }
  return { path, kind: 'an append-only file', bytes, ...checkLog(file, 0) };
}

function isManifest({ path }: OpenFile, start: Buffer): boolean {
  return path.endsWith('.manifest') || start.toString('latin1').startsWith('file ');
}

/** An RDB file, after which the commands of an append-only file may follow. */
function checkRdbFile(file: OpenFile): FileReport {
  const { path, bytes } = file;
  const { version, facts, end, breakage, aux } = checkRdb(file.slice(0, bytes));
  const kind = `an RDB file of version ${version}`;
  const report = { path, kind, bytes, facts, aux };
  if (breakage !== undefined) return { ...report, breakage };
  if (end === bytes) return report;
  if (!/^[*#]/.test(file.slice(end, 1).toString('latin1'))) {
    const reason = `expected the end of the file: ${count(bytes - end, 'byte')} follow`;
    return { ...report, breakage: { offset: end, reason } };
  }
  const log = checkLog(file, end);
  const both = [...facts, ...log.facts];
  return { ...report, ...log, kind: `an append-only file that begins with ${kind}`, facts: both };
}

function checkManifest(file: OpenFile): FileReport {
  const { path, bytes } = file;
  const report = { path, kind: 'a manifest of an append-only log', bytes };
  let manifest: Manifest;
  try {
    manifest = parseManifest(file.slice(0, manifestBytesMax).toString('utf8'));
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    return { ...report, facts: [], breakage: { offset: 0, reason: error.message } };
  }
  const { base, history, incremental } = manifest;
  const facts = [
    `${base === undefined ? 'no base' : 'a base'}, ${count(incremental.length, 'incremental file')}, ${history.length} outdated`,
  ];
  const parts = filesOf(manifest).map(({ name }) => checkPart(join(dirname(path), name)));
  return { ...report, facts, parts };
}

function checkPart(path: string): FileReport {
  try {
    return checkFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const breakage = { offset: 0, reason: 'the manifest names it, and it is not there' };
    return { path, kind: 'missing', bytes: 0, facts: [], breakage };
  }
}
