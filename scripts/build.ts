/**
 * Compiles the package into dist/: JavaScript, declarations, source maps. Imports from `#…`, which are for the checkout's
 * sources, become relative ones first, so that what is published needs no map of its own for any runtime or bundler.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = path.join(root, 'src');
const staged = path.join(root, 'build');
const dist = path.join(root, 'dist');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const forTests = /\.test\.ts$|(^|\/)testing\//;

/** Copies a source with relative imports only. */
function stage(name: string): void {
  const folder = path.posix.dirname(name);
  const text = readFileSync(path.join(sources, name), 'utf8');
  const linked = text.replace(/(['"])#([\w./-]+\.ts)\1/g, (_, quote: string, target: string) => {
    const relative = path.posix.relative(folder, target);
    return `${quote}${relative.startsWith('.') ? '' : './'}${relative}${quote}`;
  });
  const to = path.join(staged, name);
  mkdirSync(path.dirname(to), { recursive: true });
  writeFileSync(to, linked);
}

/** What the compiler leaves: declarations keep the names of sources, and so does what is required at run time. */
function relink(name: string): void {
  const at = path.join(dist, name);
  const text = readFileSync(at, 'utf8');
  writeFileSync(at, text.replace(/(['"])(\.{1,2}\/[\w./-]+)\.ts\1/g, '$1$2.js$1'));
}

for (const folder of [staged, dist]) rmSync(folder, { recursive: true, force: true });
for (const name of globSync('**/*.ts', { cwd: sources })) {
  const posix = name.replaceAll('\\', '/');
  if (!forTests.test(posix)) stage(posix);
}
try {
  const args = [compiler, '-p', 'tsconfig.build.json'];
  execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
} finally {
  rmSync(staged, { recursive: true, force: true });
}
for (const name of globSync('**/*.{js,d.ts}', { cwd: dist })) relink(name);
// What the code reads beside itself: the descriptors that gRPC's reflection shows.
for (const name of globSync('**/*.binpb', { cwd: sources })) {
  copyFileSync(path.join(sources, name), path.join(dist, name));
}
