/** What commands there are: COMMAND and its subcommands, all read from the command table. */
import { globMatch } from '#types/glob.ts';
import { type Command, container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { keyPositionsOf, keySpecsOf } from '../derive/key-specs.ts';
import { categoriesOf } from '../derive/traits.ts';
import { error, errors } from '../errors.ts';
import { anyNumber, bytes, oneOf, repeat } from '../grammar.ts';
import { Request } from '../request.ts';
import { replyAccess, replyAllDocs, replyInfo } from './command-reply.ts';
import { everyCommand } from './info/commands.ts';
import { wordsFrom, wordsOf } from './shared.ts';

/** What all subcommands have in common. */
const shared = {
  group: 'server',
  flags: ['loading', 'stale'],
  categories: ['connection'],
} as const;

const unordered = ['nondeterministic_output_order'] as const;

function replyAllInfo({ reply, services: { commands } }: Context): void {
  reply.array(commands.size);
  for (const each of commands.all()) replyInfo(reply, each);
}

const count = subcommand('command', {
  ...shared,
  name: 'count',
  since: '2.8.13',
  complexity: 'O(1)',
  summary: 'Returns a count of commands.',
  reply: ['integer'],
  run: ({ reply, services }) => reply.integer(services.commands.size),
});

const info = subcommand('command', {
  ...shared,
  name: 'info',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of commands to look up',
  summary: 'Returns information about one, multiple or all commands.',
  tips: unordered,
  history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
  rest: anyNumber(bytes('command-name')),
  reply: ['array'],
  run(context, names) {
    const { reply, services } = context;
    if (names.length === 0) return replyAllInfo(context);
    reply.array(names.length);
    for (const name of wordsOf(names)) {
      const found = services.commands.named(name);
      if (found === undefined) reply.nil();
      else replyInfo(reply, found);
    }
  },
});

const docs = subcommand('command', {
  ...shared,
  name: 'docs',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands to look up',
  summary: 'Returns documentary information about one, multiple or all commands.',
  tips: unordered,
  rest: anyNumber(bytes('command-name')),
  reply: ['map'],
  run({ reply, services: { commands } }, names) {
    if (names.length === 0) return replyAllDocs(reply, [...commands.all()]);
    const found = wordsOf(names).map((name) => commands.named(name));
    replyAllDocs(
      reply,
      found.filter((each) => each !== undefined),
    );
  },
});

/** A filter of COMMAND LIST, or undefined where there is none such. */
function filterBy(kind: string, value: string): ((command: Command) => boolean) | undefined {
  switch (kind.toLowerCase()) {
    case 'module':
      return () => false;
    case 'aclcat':
      return (command) => categoriesOf(command).includes(value.toLowerCase());
    case 'pattern': {
      const pattern = Buffer.from(value, 'latin1');
      return ({ fullName }) => {
        const name = Buffer.from(fullName, 'latin1');
        return globMatch(pattern, 0, pattern.length, name, 0, name.length, true);
      };
    }
    default:
      return undefined;
  }
}

const list = subcommand('command', {
  ...shared,
  name: 'list',
  since: '7.0.0',
  complexity: 'O(N) where N is the total number of Redis commands',
  summary: 'Returns a list of command names.',
  tips: unordered,
  options: {
    filterBy: oneOf({
      'FILTERBY MODULE': [bytes('module-name')],
      'FILTERBY ACLCAT': [bytes('category')],
      'FILTERBY PATTERN': [bytes('pattern')],
    }),
  },
  manual: true,
  reply: ['array'],
  run(context) {
    const { reply, services } = context;
    const [word, kind, value, ...more] = wordsFrom(context, 2);
    let all = [...everyCommand(services.commands)];
    if (word !== undefined) {
      const isFilter = word.toLowerCase() === 'filterby' && more.length === 0;
      if (!isFilter || kind === undefined || value === undefined) return reply.error(errors.syntax);
      const matches = filterBy(kind, value);
      if (matches === undefined) return reply.error(errors.syntax);
      all = all.filter(matches);
    }
    reply.array(all.length);
    for (const { fullName } of all) reply.text(fullName);
  },
});

/** The request that the words after a subcommand's name are. */
function innerRequest({ request }: Context): Request {
  const inner = new Request();
  inner.reset(request.bytes);
  for (let i = 2; i < request.count; i++) inner.push(request.at(i), request.length(i));
  return inner;
}

/** Answers with the keys of the request inside. */
function replyKeys(context: Context, write: (request: Request, command: Command) => void): void {
  const { reply, services } = context;
  const inner = innerRequest(context);
  const found = services.commands.find(inner);
  if (found === undefined || found.subcommands.size > 0) {
    return reply.error(error('Invalid command specified'));
  }
  if (keySpecsOf(found).length === 0) {
    return reply.error(error('The command has no key arguments'));
  }
  if (!found.accepts(inner.count)) {
    return reply.error(error('Invalid number of arguments specified for command'));
  }
  if (keyPositionsOf(found, inner).length === 0) {
    return reply.error(error('Invalid arguments specified for command'));
  }
  write(inner, found);
}

const getKeys = subcommand('command', {
  ...shared,
  name: 'getkeys',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of arguments to the command',
  summary: 'Extracts the key names from an arbitrary command.',
  args: [bytes('command')],
  rest: repeat(bytes('arg')),
  reply: ['array'],
  run(context) {
    const { reply } = context;
    replyKeys(context, (request, command) => {
      const keys = keyPositionsOf(command, request);
      reply.array(keys.length);
      for (const { at } of keys) reply.bulk(request.bytes, request.at(at), request.length(at));
    });
  },
});

const getKeysAndFlags = subcommand('command', {
  ...shared,
  name: 'getkeysandflags',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of arguments to the command',
  summary: 'Extracts the key names and access flags for an arbitrary command.',
  args: [bytes('command')],
  rest: repeat(bytes('arg')),
  reply: ['array'],
  run(context) {
    const { reply } = context;
    replyKeys(context, (request, command) => {
      const keys = keyPositionsOf(command, request);
      reply.array(keys.length);
      for (const { at, access } of keys) {
        reply.array(2);
        reply.bulk(request.bytes, request.at(at), request.length(at));
        replyAccess(reply, access);
      }
    });
  },
});

export const commandCommands: readonly Command[] = [
  container(
    {
      ...shared,
      name: 'command',
      since: '2.8.13',
      complexity: 'O(N) where N is the total number of Redis commands',
      summary: 'Returns detailed information about all commands.',
      tips: unordered,
    },
    [
      '(no subcommand)',
      '    Return details about all commands.',
      'COUNT',
      '    Return the total number of commands in this server.',
      'LIST',
      '    Return a list of all commands in this server.',
      'INFO [<command-name> ...]',
      '    Return details about multiple commands.',
      '    If no command names are given, details for all commands are returned.',
      'DOCS [<command-name> ...]',
      '    Return documentation details about multiple commands.',
      '    If no command names are given, documentation details for all',
      '    commands are returned.',
      'GETKEYS <full-command>',
      '    Return the keys from a full command.',
      'GETKEYSANDFLAGS <full-command>',
      '    Return the keys and the access flags from a full command.',
    ],
    [count, info, docs, list, getKeys, getKeysAndFlags],
    { reply: ['array'], run: replyAllInfo },
  ),
];
