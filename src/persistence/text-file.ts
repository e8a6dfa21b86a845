/** Manifests as files: small texts that are read whole and replaced at one stroke. */
import type { Disk } from '#platform/disk.ts';
import { RecoveryError } from './recovery-error.ts';

/** The longest manifest that is read: a million lines would be shorter. */
const textBytesMax = 64 * 1024 * 1024;

export async function readText(disk: Disk, path: string): Promise<string> {
  const file = await disk.open(path, 'read');
  try {
    const length = await file.length();
    if (length > textBytesMax) throw new RecoveryError(`${path} is too long for a manifest`);
    const bytes = Buffer.alloc(length);
    const read = await file.read(bytes, 0, length, 0);
    return bytes.toString('utf8', 0, read);
  } finally {
    await file.close();
  }
}

/** Gives a file another content by way of a temporary one. The directory is yet to be synced. After a failure it may be either. */
export async function replaceText(
  disk: Disk,
  path: string,
  temporaryPath: string,
  text: string,
): Promise<void> {
  const file = await disk.open(temporaryPath, 'create');
  try {
    await file.append(Buffer.from(text, 'utf8'));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporaryPath, path);
}
