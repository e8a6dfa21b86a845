/**
 * npm run generate: makes the TypeScript of src/proto/zippy/ from the protocol buffers of proto/, and the description of them
 * that the reflection service answers with. With a folder as its argument, makes them there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binaries = join(root, 'node_modules', '.bin');
const folder = process.argv[2] ?? join(root, 'src', 'proto');

function buf(...args: readonly string[]): void {
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}` };
  const { status, error } = spawnSync('buf', args, { cwd: root, stdio: 'inherit', env });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(1);
}

mkdirSync(folder, { recursive: true });
rmSync(join(folder, 'zippy'), { recursive: true, force: true });
buf('generate', '--output', folder);
const description = join(folder, 'zippy.binpb');
buf('build', '--as-file-descriptor-set', '--exclude-source-info', '--output', description);
