/** How COMMAND INFO and COMMAND DOCS tell of a command: Redis 7's form, derived from the declaration. */
import type { Command } from '../command.ts';
import { type ArgumentDoc, argumentsOf } from '../derive/docs.ts';
import { type FindKeys, type KeySpec, keyRangeOf, keySpecsOf } from '../derive/key-specs.ts';
import { categoriesOf, flagsOf } from '../derive/traits.ts';
import type { KeyAccess } from '../grammar.ts';
import type { Reply } from '../reply.ts';

/** An entry of COMMAND and COMMAND INFO. */
export function replyInfo(reply: Reply, command: Command): void {
  const { facts, subcommands } = command;
  const { first, last, step } = keyRangeOf(command);
  reply.array(10);
  reply.text(command.fullName);
  reply.integer(command.arity);
  replyStatuses(reply, flagsOf(command));
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  replyStatuses(
    reply,
    categoriesOf(command).map((category) => `@${category}`),
  );
  const tips = facts.tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.text(tip);
  const specs = keySpecsOf(command);
  reply.set(specs.length);
  for (const spec of specs) replyKeySpec(reply, spec);
  if (subcommands.size === 0) reply.set(0);
  else reply.array(subcommands.size);
  for (const each of subcommands.values()) replyInfo(reply, each);
}

function replyStatuses(reply: Reply, texts: readonly string[]): void {
  reply.set(texts.length);
  for (const text of texts) reply.status(text);
}

/** What is done to a key, as a set of statuses. */
export function replyAccess(reply: Reply, access: readonly KeyAccess[], isVariable = false): void {
  replyStatuses(reply, isVariable ? [...access, 'variable_flags'] : access);
}

function replyKeySpec(reply: Reply, { access, isVariable, begin, keyword, find }: KeySpec): void {
  reply.map(3);
  reply.text('flags');
  replyAccess(reply, access, isVariable);
  reply.text('begin_search');
  if (find.type === 'unknown') replyTyped(reply, 'unknown', []);
  else if (keyword === undefined) replyTyped(reply, 'index', [['index', begin]]);
  else replyKeyword(reply, keyword, begin);
  reply.text('find_keys');
  replyTyped(reply, find.type, findFields(find));
}

function replyKeyword(reply: Reply, keyword: string, from: number): void {
  reply.map(2);
  reply.text('type');
  reply.text('keyword');
  reply.text('spec');
  reply.map(2);
  reply.text('keyword');
  reply.text(keyword);
  reply.text('startfrom');
  reply.integer(from);
}

function findFields(find: FindKeys): readonly (readonly [string, number])[] {
  if (find.type === 'unknown') return [];
  if (find.type === 'range') {
    return [
      ['lastkey', find.lastKey],
      ['keystep', find.step],
      ['limit', find.limit ?? 0],
    ];
  }
  return [
    ['keynumidx', find.countAt],
    ['firstkey', find.firstKey],
    ['keystep', find.step],
  ];
}

function replyTyped(
  reply: Reply,
  type: string,
  spec: readonly (readonly [string, number])[],
): void {
  reply.map(2);
  reply.text('type');
  reply.text(type);
  reply.text('spec');
  reply.map(spec.length);
  for (const [name, value] of spec) {
    reply.text(name);
    reply.integer(value);
  }
}

/** An entry of COMMAND DOCS: its name, and a map of what there is to say. */
function replyDocs(reply: Reply, command: Command): void {
  const { facts, subcommands } = command;
  const args = argumentsOf(command);
  const fields: [name: string, write: () => void][] = [
    ['summary', () => reply.text(facts.summary)],
    ['since', () => reply.text(facts.since)],
    ['group', () => reply.text(facts.group)],
    ['complexity', () => reply.text(facts.complexity)],
  ];
  const { deprecated, history } = facts;
  if (deprecated !== undefined) {
    fields.push(['doc_flags', () => replyStatuses(reply, ['deprecated'])]);
    fields.push(['deprecated_since', () => reply.text(deprecated.since)]);
    fields.push(['replaced_by', () => reply.text(deprecated.replacedBy)]);
  }
  if (history !== undefined) fields.push(['history', () => replyHistory(reply, history)]);
  if (args.length > 0) fields.push(['arguments', () => replyArguments(reply, args)]);
  if (subcommands.size > 0) {
    fields.push(['subcommands', () => replyAllDocs(reply, [...subcommands.values()])]);
  }
  reply.text(command.fullName);
  replyFields(reply, fields);
}

/** COMMAND DOCS of all these commands. */
export function replyAllDocs(reply: Reply, commands: readonly Command[]): void {
  reply.map(commands.length);
  for (const command of commands) replyDocs(reply, command);
}

function replyFields(reply: Reply, fields: readonly [name: string, write: () => void][]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.text(name);
    write();
  }
}

function replyHistory(reply: Reply, history: readonly (readonly [string, string])[]): void {
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.text(version);
    reply.text(change);
  }
}

function replyArguments(reply: Reply, args: readonly ArgumentDoc[]): void {
  reply.array(args.length);
  for (const argument of args) {
    const { name, type, keySpecIndex, token, arguments: inner } = argument;
    const flags = [
      ...(argument.isOptional === true ? ['optional'] : []),
      ...(argument.isMultiple === true ? ['multiple'] : []),
    ];
    const fields: [name: string, write: () => void][] = [
      ['name', () => reply.text(name)],
      ['type', () => reply.text(type)],
    ];
    if (keySpecIndex !== undefined) {
      fields.push(['key_spec_index', () => reply.integer(keySpecIndex)]);
    }
    if (token !== undefined) fields.push(['token', () => reply.text(token)]);
    if (flags.length > 0) fields.push(['flags', () => replyStatuses(reply, flags)]);
    if (inner !== undefined) fields.push(['arguments', () => replyArguments(reply, inner)]);
    replyFields(reply, fields);
  }
}
