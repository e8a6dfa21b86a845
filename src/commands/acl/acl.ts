/** ACL: what users may do, and what was refused. The subcommands that change users are in users.ts. */
import { type Denial, verdicts } from '../access.ts';
import { container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { aclCategories, categoriesOf } from '../derive/traits.ts';
import { error, errors, quoted, wrongArity } from '../errors.ts';
import { anyNumber, bytes, integer, optional } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { Request } from '../request.ts';
import { adminFlags, integerAt, latin1, subcommandSyntax } from '../server/shared.ts';
import { aclUserCommands } from './users.ts';

const flags = ['noscript', 'loading', 'stale'] as const;
const shared = { group: 'server', since: '6.0.0' } as const;

const passwordBitsMax = 4096;
const passwordBitsDefault = 256;
const denialsDefault = 10;

const cat = subcommand('acl', {
  ...shared,
  name: 'cat',
  flags,
  complexity: 'O(1) since the categories and commands are a fixed set.',
  summary: 'Lists the ACL categories, or the commands inside a category.',
  args: [optional(bytes('category'))],
  manual: true,
  reply: ['array'],
  run({ reply, request, services: { commands } }) {
    if (request.count > 3) return reply.error(subcommandSyntax('acl', request.latin1(1)));
    if (request.count === 2) return replyTexts(reply, aclCategories);
    const name = request.latin1(2);
    const known = aclCategories.find((each) => each === name.toLowerCase());
    if (known === undefined) return reply.error(error(`Unknown category '${quoted(name, 128)}'`));
    const all = [...commands.all()].flatMap((each) => [each, ...each.subcommands.values()]);
    const members = all.filter((each) => categoriesOf(each).includes(known));
    replyTexts(
      reply,
      members.map(({ fullName }) => fullName),
    );
  },
});

function replyTexts(reply: Reply, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.text(text);
}

const dryRun = subcommand('acl', {
  ...shared,
  name: 'dryrun',
  since: '7.0.0',
  flags: adminFlags,
  complexity: 'O(1).',
  summary: 'Simulates the execution of a command by a user, without executing the command.',
  args: [bytes('username'), bytes('command')],
  rest: anyNumber(bytes('arg')),
  reply: ['ok', 'bulk'],
  run({ reply, request, services: { access, commands } }, name, commandName) {
    const account = access.account(name.latin1());
    if (account === undefined) {
      return reply.error(error(`User '${quoted(name.latin1())}' not found`));
    }
    const inner = innerRequest(request);
    const command = commands.find(inner);
    if (command === undefined || (command.isPureContainer && inner.count > 1)) {
      return reply.error(error(`Command '${quoted(commandName.latin1())}' not found`));
    }
    if (!command.accepts(inner.count)) return reply.error(wrongArity(command.fullName));
    const verdict = account.check(command, inner);
    if (verdict === verdicts.permitted) reply.ok();
    else latin1(reply, access.explain(account, verdict, command, inner));
  },
});

/** The request that the words after the user's name are. */
function innerRequest(request: Request): Request {
  const inner = new Request();
  inner.reset(request.bytes);
  for (let i = 3; i < request.count; i++) inner.push(request.at(i), request.length(i));
  return inner;
}

const genPass = subcommand('acl', {
  ...shared,
  name: 'genpass',
  flags,
  complexity: 'O(1)',
  summary: 'Generates a pseudorandom, secure password that can be used to identify ACL users.',
  args: [optional(integer('bits'))],
  manual: true,
  reply: ['bulk'],
  run(context) {
    const { reply, request, services } = context;
    if (request.count > 3) return reply.error(subcommandSyntax('acl', request.latin1(1)));
    const bits = request.count === 3 ? integerAt(context, 2) : passwordBitsDefault;
    if (Number.isNaN(bits)) return reply.error(errors.notInteger);
    if (bits <= 0 || bits > passwordBitsMax) return reply.error(errors.passwordBits);
    reply.text(services.access.secretDigits(Math.ceil(bits / 4)));
  },
});

const log = subcommand('acl', {
  ...shared,
  name: 'log',
  flags: adminFlags,
  complexity: 'O(N) with N being the number of entries shown.',
  summary: 'Lists recent security events generated due to ACL rules.',
  args: [optional(bytes('count'))],
  manual: true,
  history: [['7.2.0', 'Added entry ID, timestamp created, and timestamp last updated.']],
  reply: ['array', 'ok'],
  run(context) {
    const { reply, request, services } = context;
    const { denials } = services.access;
    if (request.count > 3) return reply.error(subcommandSyntax('acl', request.latin1(1)));
    let count = denialsDefault;
    if (request.count === 3) {
      if (request.latin1(2).toLowerCase() === 'reset') {
        denials.reset();
        return reply.ok();
      }
      count = integerAt(context, 2);
      if (Number.isNaN(count)) return reply.error(errors.notInteger);
    }
    const shown = denials.newest(Math.max(0, count));
    reply.array(shown.length);
    for (const denial of shown) replyDenial(context, denial);
  },
});

function replyDenial({ reply, keyspace }: Context, denial: Denial): void {
  const { count, reason, context, object, user, clientInfo } = denial;
  reply.map(10);
  reply.text('count');
  reply.integer(count);
  for (const [name, text] of Object.entries({ reason, context, object, username: user })) {
    reply.text(name);
    latin1(reply, text);
  }
  reply.text('age-seconds');
  reply.double((keyspace.nowMs - denial.updatedAtMs) / 1000);
  reply.text('client-info');
  latin1(reply, clientInfo);
  reply.text('entry-id');
  reply.integer(denial.id);
  reply.text('timestamp-created');
  reply.integer(denial.createdAtMs);
  reply.text('timestamp-last-updated');
  reply.integer(denial.updatedAtMs);
}

const whoAmI = subcommand('acl', {
  ...shared,
  name: 'whoami',
  flags,
  complexity: 'O(1)',
  summary: 'Returns the authenticated username of the current connection.',
  reply: ['bulk'],
  run: ({ client, reply }) => latin1(reply, client.user),
});

const help = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'DELUSER <username> [<username> ...]',
  '    Delete a list of users.',
  'DRYRUN <username> <command> [<arg> ...]',
  '    Returns whether the user can execute the given command without executing the command.',
  'GETUSER <username>',
  "    Get the user's details.",
  'GENPASS [<bits>]',
  '    Generate a secure 256-bit user password. The optional `bits` argument can',
  '    be used to specify a different size.',
  'LIST',
  '    Show users details in config file format.',
  'LOAD',
  '    Reload users from the ACL file.',
  'LOG [<count> | RESET]',
  '    Show the ACL log entries.',
  'SAVE',
  '    Save the current config to the ACL file.',
  'SETUSER <username> <attribute> [<attribute> ...]',
  '    Create or modify a user with the specified attributes.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
];

export const aclCommands = [
  container(
    {
      ...shared,
      name: 'acl',
      complexity: 'Depends on subcommand.',
      summary: 'A container for Access List Control commands.',
      flags: [],
    },
    help,
    [cat, dryRun, genPass, log, whoAmI, ...aclUserCommands],
  ),
];
