/**
 * The floors of the house and which may see which: imports point downward only, and only the upper floors
 * touch the outside world. Architecture in one table.
 */
import { type Import, importsOf, isTest, type Source, targetOf } from './source.ts';

const structures = ['memory'];
const keyspace = ['structures', ...structures];
const types = ['keyspace', ...keyspace];
/** What lies beside the floors, and what each of those may use. */
const beside = ['config', 'observe', 'persistence'];
const commands = ['types', ...types, ...beside];
const session = ['commands', 'lua', ...commands];
const protocols = ['session', 'proto', ...session];
const server = ['protocols', ...protocols];
const embedded = ['server', 'client', ...server];

/** For each folder of src, the folders it may import from; its own always. `platform` is {@link platformUse}. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  memory: [],
  lua: ['memory'],
  structures,
  keyspace,
  types,
  config: ['types', ...types],
  observe: ['config', 'types', ...types],
  persistence: ['config', 'observe', 'types', ...types],
  commands,
  session,
  protocols,
  // Of protocols/, the shapes of replies: it loads nothing of the engine.
  client: ['protocols', 'proto'],
  proto: [],
  server,
  embedded,
  cli: ['embedded', ...embedded],
  platform: [],
};

/** Who makes the things of platform/; all others but memory/ are handed them, and import their types. */
const platformMakers = ['server', 'embedded', 'cli'];

/** Packages and Node modules of the engine, which are no door to the outside (of crypto, its hashes). The rest is for the makers. */
const pureModules = ['node:buffer', 'node:crypto', 'node:path', 'node:path/posix', 'hash-wasm'];

/** Packages that speak a protocol on behalf of a folder. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  protocols: ['@bufbuild/protobuf/wire', '@grpc/grpc-js', '@grpc/reflection', 'grpc-health-check'],
  client: ['@bufbuild/protobuf/wire', '@grpc/grpc-js'],
  proto: ['@bufbuild/protobuf/wire'],
};

/** What every floor may know. */
const versionFile = 'src/version.ts';

/** What is wrong with the direction of a file's imports. */
export function floorProblems(source: Source): string[] {
  const folder = folderOf(source.path);
  if (folder === undefined || isTest(source.path)) return [];
  const known = mayImport[folder];
  if (known === undefined) return [`src/${folder} is no floor: name it in test/tidy/floors.ts`];
  return importsOf(source).flatMap((found) => {
    const problem = problemWith(source.path, folder, known, found);
    return problem === undefined ? [] : [`${source.path}:${found.line} ${problem}`];
  });
}

function problemWith(
  path: string,
  folder: string,
  known: readonly string[],
  { specifier, typeOnly }: Import,
): string | undefined {
  const target = targetOf(path, specifier);
  if (target === undefined) return outsideProblem(folder, specifier);
  if (target === versionFile) return undefined;
  if (isTest(target)) return `imports ${specifier}, which is for tests only`;
  const to = folderOf(target);
  if (to === undefined) return `imports ${specifier} from outside of src`;
  if (to === folder) return specifier.startsWith('#') ? homeProblem(path, target) : undefined;
  if (!specifier.startsWith('#')) return `imports ${specifier}: across folders write #${to}/…`;
  if (to === 'platform') return platformProblem(folder, typeOnly);
  return known.includes(to) ? undefined : `imports ${specifier}: ${folder} may not know ${to}`;
}

function outsideProblem(folder: string, specifier: string): string | undefined {
  if (folder === 'platform' || platformMakers.includes(folder)) return undefined;
  if (pureModules.includes(specifier) || packagesOf[folder]?.includes(specifier)) return undefined;
  return `imports ${specifier}: the outside world is reached through platform, which hands it in`;
}

function homeProblem(path: string, target: string): string | undefined {
  return `imports ${target.replace('src/', '#')}: within a folder imports are relative (${path})`;
}

function platformProblem(folder: string, typeOnly: boolean): string | undefined {
  if (folder === 'memory') return 'imports platform: memory may not know it';
  if (typeOnly || platformMakers.includes(folder)) return undefined;
  return 'imports more than types from platform: be handed a Clock, Random, Disk or Transport';
}

/** The folder of src that a path is in. */
function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}
