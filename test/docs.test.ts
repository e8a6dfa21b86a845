/** The pages that are generated are those that would be generated now. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { command } from '#commands/command.ts';
import { bytes, counted, flag, integer, key, oneOf, optional, repeat } from '#commands/grammar.ts';
import { allCommands } from '#commands/registry.ts';
import { renderCommandsPage } from '../scripts/docs/commands.ts';
import { renderCompatibilityPage } from '../scripts/docs/compatibility.ts';
import { syntaxOf } from '../scripts/docs/syntax.ts';

function page(name: string): string {
  return readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
}

test('docs/commands.md is up to date (node scripts/docs-commands.ts)', () => {
  expect(page('commands.md')).toBe(renderCommandsPage());
});

test('docs/compatibility.md is up to date (node scripts/docs-compatibility.ts)', () => {
  expect(page('compatibility.md')).toBe(renderCompatibilityPage());
});

test('a command that is taken away shows as missing', () => {
  const without = renderCompatibilityPage(allCommands.filter(({ fullName }) => fullName !== 'get'));
  expect(without).not.toBe(renderCompatibilityPage());
  expect(without).toMatch(/- Not there yet: .*`GET`/);
});

describe('the syntax line', () => {
  const facts = {
    name: 'try',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    summary: '',
    flags: ['readonly'],
    reply: ['nil'],
    run: () => {},
  } as const;

  test('has positionals, options and repeats in the order in which they are written', () => {
    const options = {
      condition: oneOf({ NX: [], XX: [] }),
      get: flag('GET'),
      count: oneOf({ COUNT: [integer('count')] }),
    };
    const args = [key('key'), integer('n')] as const;
    expect(syntaxOf(command({ ...facts, args, options }))).toBe(
      'TRY key n [NX | XX] [GET] [COUNT count]',
    );
    expect(syntaxOf(command({ ...facts, args: [optional(bytes('message'))] }))).toBe(
      'TRY [message]',
    );
    expect(syntaxOf(command({ ...facts, rest: repeat(key('key'), bytes('value')) }))).toBe(
      'TRY key value [key value ...]',
    );
    expect(syntaxOf(command({ ...facts, options, rest: counted('numkeys', key('key')) }))).toBe(
      'TRY numkeys key [key ...] [NX | XX] [GET] [COUNT count]',
    );
  });
});
