/**
 * What commands there are and what arguments they take, for hints, completion and help: as the server tells it (COMMAND DOCS),
 * or, from one that cannot, as Zippy's own table has it.
 */
import type { ArgumentDoc } from '#commands/derive/docs.ts';
import type { Reply } from '#protocols/resp/reply.ts';
import type { Connection } from '../client/connection.ts';
import { scalarText } from '../output/format.ts';

export interface CommandDoc {
  /** In upper case; of a subcommand both words. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: string;
  readonly complexity: string;
  readonly arguments: readonly ArgumentDoc[];
}

/** By name. */
export type CommandDocs = ReadonlyMap<string, CommandDoc>;

/** What the server behind the connection tells of its commands, or else what Zippy knows. */
export async function loadCommandDocs(connection: Connection | undefined): Promise<CommandDocs> {
  const reply = await connection?.send('COMMAND', 'DOCS').catch(() => undefined);
  const told = reply === undefined ? [] : parseCommandDocs(reply);
  const docs = told.length > 0 ? told : await ownCommandDocs();
  return new Map(docs.map((doc) => [doc.name, doc]));
}

/** Zippy's own commands. Loads the whole engine for it. */
export async function ownCommandDocs(): Promise<CommandDoc[]> {
  const { allCommands } = await import('#commands/registry.ts');
  const { argumentsOf } = await import('#commands/derive/docs.ts');
  const all = allCommands.flatMap((command) => [command, ...command.subcommands.values()]);
  return all.map((command) => ({
    name: nameOf(command.fullName),
    summary: command.facts.summary,
    since: command.facts.since,
    group: command.facts.group,
    complexity: command.facts.complexity,
    arguments: argumentsOf(command),
  }));
}

function nameOf(fullName: string): string {
  return fullName.toUpperCase().replace('|', ' ');
}

/** The commands in a reply to COMMAND DOCS, as RESP2 or RESP3; none if it is something else. */
function parseCommandDocs(reply: Reply): CommandDoc[] {
  return pairsOf(reply).flatMap(([name, doc]) => commandOf(name, new Map(pairsOf(doc))));
}

function commandOf(name: string, fields: ReadonlyMap<string, Reply>): CommandDoc[] {
  const text = (field: string) => textOf(fields.get(field));
  const own: CommandDoc = {
    name: nameOf(name),
    summary: text('summary'),
    since: text('since'),
    group: text('group'),
    complexity: text('complexity'),
    arguments: itemsOf(fields.get('arguments')).map(argumentOf),
  };
  return [own, ...parseSubcommands(fields.get('subcommands'))];
}

function parseSubcommands(reply: Reply | undefined): CommandDoc[] {
  return reply === undefined ? [] : parseCommandDocs(reply);
}

function argumentOf(reply: Reply): ArgumentDoc {
  const fields = new Map(pairsOf(reply));
  const flags = itemsOf(fields.get('flags')).map(textOf);
  const inner = itemsOf(fields.get('arguments'));
  const token = textOf(fields.get('token'));
  const shown = textOf(fields.get('display_text'));
  return {
    name: shown === '' ? textOf(fields.get('name')) : shown,
    // What a newer server calls by another name is shown as any value is.
    type: textOf(fields.get('type')) as ArgumentDoc['type'],
    ...(token === '' ? {} : { token }),
    ...(flags.includes('optional') ? { isOptional: true } : {}),
    ...(flags.includes('multiple') ? { isMultiple: true } : {}),
    ...(inner.length === 0 ? {} : { arguments: inner.map(argumentOf) }),
  };
}

/** A map's pairs, or those of the flat array that RESP2 makes of a map. */
function pairsOf(reply: Reply): [string, Reply][] {
  if (reply.type === 'map') return reply.entries.map(([key, value]) => [textOf(key), value]);
  const items = itemsOf(reply);
  const pairs: [string, Reply][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const value = items[index + 1];
    if (value !== undefined) pairs.push([textOf(items[index]), value]);
  }
  return pairs;
}

function itemsOf(reply: Reply | undefined): readonly Reply[] {
  return reply?.type === 'array' || reply?.type === 'set' ? reply.items : [];
}

function textOf(reply: Reply | undefined): string {
  return reply?.type === 'simple' || reply?.type === 'bulk' ? scalarText(reply) : '';
}
