/** INFO: what the server tells about itself, in Redis's sections, fields and order. */
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { anyNumber, bytes } from '../grammar.ts';
import { commandStatsSection, errorStatsSection, latencyStatsSection } from './info/commands.ts';
import { keyspaceSection } from './info/keyspace.ts';
import { memorySection } from './info/memory.ts';
import {
  clusterSection,
  modulesSection,
  persistenceSection,
  replicationSection,
} from './info/persistence.ts';
import type { Section } from './info/section.ts';
import { clientsSection, serverSection } from './info/server.ts';
import { cpuSection, statsSection } from './info/stats.ts';
import { transactionsSection } from './info/transactions.ts';
import { wordsOf } from './shared.ts';

const sections: readonly Section[] = [
  serverSection,
  clientsSection,
  memorySection,
  persistenceSection,
  statsSection,
  replicationSection,
  cpuSection,
  modulesSection,
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
  clusterSection,
  keyspaceSection,
  transactionsSection,
];

/** The sections that the names ask for, in the order in which they are always shown. */
function chosenSections(names: readonly string[]): readonly Section[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  if (wanted.has('all') || wanted.has('everything')) return sections;
  const wantsDefault = names.length === 0 || wanted.has('default');
  return sections.filter(({ name, isDefault }) => wanted.has(name) || (isDefault && wantsDefault));
}

/** The text of the sections. */
function infoText(context: Context, names: readonly string[]): string {
  const parts = chosenSections(names).map((section) => {
    let text = `# ${section.title}\r\n`;
    for (const [name, value] of section.fields(context)) text += `${name}:${value}\r\n`;
    return text;
  });
  return parts.join('\r\n');
}

const info = command({
  name: 'info',
  since: '1.0.0',
  group: 'server',
  complexity: 'Depends on the sections asked for.',
  summary: 'Returns information and statistics about the server.',
  flags: ['loading', 'stale'],
  categories: ['dangerous'],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  history: [['7.0.0', 'Added support for taking multiple section arguments.']],
  rest: anyNumber(bytes('section')),
  reply: ['verbatim'],
  run(context, names) {
    context.reply.verbatim(infoText(context, wordsOf(names)));
  },
});

export const infoCommands = [info];
