/** What starts a server, what it loads, and that the tree of commands and the list of their names agree. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOf, sourceOf, targetOf } from '../../test/tidy/source.ts';
import { commandNames, serverArguments } from './dispatch.ts';
import { buildProgram } from './program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('a start of the server', () => {
  test.each([
    [[], []],
    [
      ['--port', '7001'],
      ['--port', '7001'],
    ],
    [
      ['zippy.conf', '--maxclients', '5'],
      ['zippy.conf', '--maxclients', '5'],
    ],
    [['./check'], ['./check']],
    [['-'], ['-']],
    [['server'], []],
    [['server', 'cli'], ['cli']],
    [
      ['server', '--port', '7001'],
      ['--port', '7001'],
    ],
  ])('%j', (args, expected) => {
    expect(serverArguments(args)).toEqual(expected);
  });

  test.each([
    ['cli'],
    ['check', 'x'],
    ['--help'],
    ['-v'],
    ['server', '--help'],
    ['help', 'server'],
  ])('is not %j', (...args) => {
    expect(serverArguments(args)).toBe(undefined);
  });

  test('loads nothing of the other commands', () => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { specifier, typeOnly } of importsOf(
        sourceOf(path, readFileSync(root + path, 'utf8')),
      )) {
        const target = targetOf(path, specifier);
        if (!typeOnly) expect(['commander', 'picocolors']).not.toContain(specifier);
        if (target !== undefined && !typeOnly) visit(target);
      }
    };
    visit('src/cli/run.ts');
    const ofCli = [...seen].filter((path) => path.startsWith('src/cli/'));
    expect(ofCli.sort()).toEqual([
      'src/cli/configuration.ts',
      'src/cli/failure.ts',
      'src/cli/run.ts',
    ]);
  });
});

test('every command of the tree is known by its name', () => {
  const names = buildProgram().commands.map((command) => command.name());
  expect(['help', ...names].sort()).toEqual([...commandNames, 'server'].sort());
});
