/** Renders docs/compatibility.md: the command table against the list of all of Redis's commands. */
import type { Command } from '#commands/command.ts';
import { allCommands } from '#commands/registry.ts';
import { intendedDifferences } from '../../test/differential/intended-differences.ts';
import redisCommands from '../redis-commands.json' with { type: 'json' };
import { markdownTable } from './page.ts';

const { version, groups, families } = redisCommands;

const introduction = `# Compatibility with Redis

<!-- Generated from the command table and scripts/redis-commands.json by scripts/docs-compatibility.ts. Do not edit. -->

Which of Redis's commands there are, counted with their subcommands, as of Redis ${version}. What is there answers byte for
byte as Redis does, errors included: a differential test runs random sequences of commands, with every option,
against a real redis-server and compares each reply and all data afterwards. How commands are called and what they do is told in
[commands](commands.md).
`;

/** Names as they are registered, containers and subcommands (\`client|list\`) alike. */
function registered(commands: readonly Command[]): Set<string> {
  return new Set(
    commands.flatMap(({ fullName, subcommands }) => [
      fullName,
      ...[...subcommands.values()].map((each) => each.fullName),
    ]),
  );
}

/** Commands of ours that Redis does not have. */
function ownCommands(commands: readonly Command[]): string[] {
  const known = new Set([
    ...groups.flatMap((group) => Object.keys(group.commands)),
    ...families.flatMap((family) => family.commands),
  ]);
  return [...registered(commands)].filter((name) => !known.has(name)).sort();
}

/** The whole page. */
export function renderCompatibilityPage(commands: readonly Command[] = allCommands): string {
  const ours = registered(commands);
  const has = (name: string) => ours.has(name);
  const native = groups.map((group) => ({ ...group, names: Object.keys(group.commands) }));
  const all = native.flatMap(({ names }) => names);
  const rows = native.map(({ name, names }) => [name, ...shareOf(names, has)]);
  const total = ['**all**', ...shareOf(all, has).map((cell) => `**${cell}**`)];
  const heads = ['group', 'there', 'of', 'share'];
  return [
    introduction,
    markdownTable(heads, [...rows, total]),
    '## What is there, and what is not\n',
    ...native.map((group) => groupSection(group, has)),
    '## The families that Redis bundles as modules\n',
    'Counted apart, since a Redis without them is a Redis.\n',
    markdownTable(
      heads,
      families.map((family) => [family.name, ...shareOf(family.commands, has)]),
    ),
    '## What Redis does not have\n',
    ownSection(ownCommands(commands)),
    '## Differences that are meant\n',
    differencesSection(),
  ].join('\n');
}

function shareOf(names: readonly string[], has: (name: string) => boolean): string[] {
  const there = names.filter(has).length;
  return [`${there}`, `${names.length}`, `${Math.floor((100 * there) / names.length)} %`];
}

interface Group {
  readonly name: string;
  readonly names: readonly string[];
  readonly commands: Readonly<Record<string, string | undefined>>;
}

function groupSection({ name, names, commands }: Group, has: (name: string) => boolean): string {
  const list = (chosen: readonly string[]) => {
    if (chosen.length === 0) return 'none';
    return chosen.map((each) => `${shownName(each)}${newMark(commands[each] ?? '')}`).join(', ');
  };
  const there = names.filter(has);
  const missing = names.filter((each) => !has(each));
  return [`### ${name}\n`, `- There: ${list(there)}`, `- Not there yet: ${list(missing)}`, ''].join(
    '\n',
  );
}

function shownName(name: string): string {
  return `\`${name.toUpperCase().replace('|', ' ')}\``;
}

/** What is newer than Redis 7.0, which most know, is marked. */
function newMark(since: string): string {
  const [major = 0, minor = 0] = since.split('.').map(Number);
  return major > 7 || (major === 7 && minor > 0) ? ` (${major}.${minor})` : '';
}

function ownSection(names: readonly string[]): string {
  return names.length === 0 ? 'Nothing yet.\n' : `${names.map(shownName).join(', ')}\n`;
}

function differencesSection(): string {
  if (intendedDifferences.length === 0) {
    return 'None, beside texts that name the server, its version and its limits.\n';
  }
  return `${intendedDifferences.map(({ reason }) => `- ${reason}`).join('\n')}\n`;
}
