/** Rules against a plain model of what they mean, and as their own description. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandTable } from '#commands/command-table.ts';
import { categoriesOf } from '#commands/derive/traits.ts';
import { allCommands } from '#commands/registry.ts';
import { globMatch } from '#types/glob.ts';
import { newAccount } from './acl-file.ts';
import { Pattern } from './pattern.ts';
import { applyRule, joinSelectors, type RuleContext } from './rules.ts';

const commands = new CommandTable(allCommands);
const context: RuleContext = { commands, isEveryChannelDefault: false };
const everyCommand = [...commands.all()].flatMap((each) => [each, ...each.subcommands.values()]);

const commandRule = fc.oneof(
  fc.constantFrom('+@all', '-@all', '+@read', '-@read', '+@dangerous', '-@slow', '+@hash'),
  fc
    .tuple(fc.constantFrom('+', '-'), fc.constantFrom(...everyCommand))
    .map(([sign, { fullName }]) => sign + fullName),
);
const otherRule = fc.constantFrom(
  '~*',
  '~a*',
  '%R~b',
  '%W~b',
  'resetkeys',
  '&*',
  '&n*',
  'resetchannels',
  'on',
  'off',
  'nopass',
  '>secret',
  'reset',
  'skip-sanitize-payload',
  '(+get ~a)',
  '(-@all +@read %R~*)',
  'clearselectors',
);

function accountOf(rules: readonly string[]) {
  const account = newAccount('alice', context);
  // What cannot be, such as a pattern after all keys, changes nothing.
  for (const rule of rules) applyRule(account, rule, context);
  return account;
}

describe('rules of commands', () => {
  test('allow what the last one that speaks of a command says', () => {
    fc.assert(
      fc.property(fc.array(commandRule, { maxLength: 30 }), (rules) => {
        const allowed = new Set<string>();
        for (const rule of rules) {
          const name = rule.slice(1);
          for (const each of everyCommand) {
            const { fullName } = each;
            const isMeant =
              name === '@all' ||
              (name.startsWith('@') && isIn(name.slice(1), fullName)) ||
              fullName === name ||
              fullName.startsWith(`${name}|`);
            if (isMeant && rule.startsWith('+')) allowed.add(fullName);
            else if (isMeant) allowed.delete(fullName);
          }
        }
        const { root } = accountOf(rules);
        const has = everyCommand.filter((each) => root.commands.has(each));
        expect(has.map(({ fullName }) => fullName).sort()).toEqual([...allowed].sort());
      }),
      { numRuns: 100 },
    );
  });

  /** Whether the command, or the container that it is in, belongs to a category. */
  function isIn(category: string, fullName: string): boolean {
    const [container = ''] = fullName.split('|');
    return [container, fullName].some((name) => {
      const command = commands.named(name);
      return command !== undefined && categoriesOf(command).includes(category);
    });
  }
});

test('a user’s line makes the same user again', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(commandRule, otherRule), { maxLength: 20 }), (rules) => {
      const account = accountOf(rules);
      const line = String(account);
      const joined = joinSelectors(line.split(' ').slice(2));
      if (!Array.isArray(joined)) throw new Error(line);
      const again = newAccount('alice', context);
      for (const rule of joined) expect(applyRule(again, rule, context)).toBe(undefined);
      expect(String(again)).toBe(line);
      for (const each of everyCommand) {
        expect(again.root.commands.has(each)).toBe(account.root.commands.has(each));
      }
    }),
    { numRuns: 100 },
  );
});

test('a pattern matches what the glob does, whatever way it takes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '[', '\\'), maxLength: 6 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const [glob, bytes] = [Buffer.from(pattern), Buffer.from(`>${name}<`)];
      const expected = globMatch(glob, 0, glob.length, bytes, 1, name.length, false);
      expect(new Pattern(pattern).matches(bytes, 1, name.length)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
