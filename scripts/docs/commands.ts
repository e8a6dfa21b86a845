/** Renders docs/commands.md, the reference of all commands, from the command table. */
import type { Command } from '#commands/command.ts';
import { allCommands } from '#commands/registry.ts';
import { syntaxOf } from './syntax.ts';

const introduction = `# Commands

<!-- Generated from the command table by scripts/docs-commands.ts. Do not edit. -->

What each command takes, does and costs. Words in capitals are written as they are, in any case; \`[…]\` may be left
out, \`|\` separates alternatives, \`...\` means more of the same. *Since* is the version of Redis that had the command
first. The words at the end are Redis's command flags. Which of Redis's commands are still missing is told in
[compatibility](compatibility.md).
`;

/** The titles of the groups, in the order of the page. */
const groupTitles: Readonly<Record<Command['facts']['group'], string>> = {
  string: 'Strings',
  bitmap: 'Bitmaps',
  list: 'Lists',
  set: 'Sets',
  'sorted-set': 'Sorted sets',
  hash: 'Hashes',
  stream: 'Streams',
  hyperloglog: 'HyperLogLog',
  geo: 'Geography',
  generic: 'Keys',
  transactions: 'Transactions',
  pubsub: 'Publish and subscribe',
  scripting: 'Scripting',
  connection: 'Connection',
  server: 'Server',
};

/** The whole page. */
export function renderCommandsPage(): string {
  const sections = Object.entries(groupTitles).flatMap(([group, title]) => {
    const members = allCommands
      .flatMap(withSubcommands)
      .filter(({ facts }) => facts.group === group);
    if (members.length === 0) return [];
    members.sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
    return [`\n## ${title}\n`, ...members.map(entryOf)];
  });
  return introduction + sections.join('');
}

/** A container is told through its subcommands. */
function withSubcommands(command: Command): readonly Command[] {
  if (command.subcommands.size === 0) return [command];
  return [...command.subcommands.values()];
}

function entryOf(command: Command): string {
  const { facts, fullName } = command;
  const { deprecated, complexity, since, flags, summary, history = [] } = facts;
  const lines = [
    `\n### ${fullName.toUpperCase().replace('|', ' ')}\n`,
    `\`\`\`\n${syntaxOf(command)}\n\`\`\`\n`,
    summary,
    '',
    `${complexity.replace(/\.$/, '')} · since ${since} · ${flags.join(', ') || 'no flags'}`,
    '',
  ];
  if (deprecated !== undefined) {
    lines.push(`Outdated since ${deprecated.since}: use ${deprecated.replacedBy}.`, '');
  }
  if (history.length > 0)
    lines.push(...history.map(([version, change]) => `- ${version}: ${change}`), '');
  return lines.join('\n');
}
