/** ACL subcommands that show and change the users. */
import type { SelectorDescription } from '../access.ts';
import { subcommand } from '../command.ts';
import { errors } from '../errors.ts';
import { anyNumber, bytes, repeat } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { adminFlags, latin1, wordsOf } from '../server/shared.ts';

const shared = { group: 'server', since: '6.0.0', flags: adminFlags } as const;

const setUser = subcommand('acl', {
  ...shared,
  name: 'setuser',
  complexity: 'O(N). Where N is the number of rules provided.',
  summary: 'Creates and modifies an ACL user and its rules.',
  args: [bytes('username')],
  rest: anyNumber(bytes('rule')),
  history: [
    ['6.2.0', 'Added Pub/Sub channel patterns.'],
    ['7.0.0', 'Added selectors and key based permissions.'],
  ],
  reply: ['ok'],
  run({ client, reply, services: { access } }, name, rules) {
    const problem = access.setUser(name.latin1(), wordsOf(rules), client);
    if (problem !== undefined) return reply.error(problem);
    reply.ok();
  },
});

const deleteUser = subcommand('acl', {
  ...shared,
  name: 'deluser',
  complexity: 'O(1) amortized time considering the typical user.',
  summary: 'Deletes ACL users, and terminates their connections.',
  rest: repeat(bytes('username')),
  reply: ['integer'],
  run({ client, reply, services: { access } }, names) {
    const all = wordsOf(names);
    if (all.includes(access.defaultAccount.name)) return reply.error(errors.defaultUserStays);
    reply.integer(access.deleteUsers(all, client));
  },
});

const getUser = subcommand('acl', {
  ...shared,
  name: 'getuser',
  complexity:
    'O(N). Where N is the number of password, command and pattern rules that the user has.',
  summary: 'Lists the ACL rules of a user.',
  args: [bytes('username')],
  history: [
    ['6.2.0', 'Added Pub/Sub channel patterns.'],
    [
      '7.0.0',
      'Added selectors and changed the format of key and channel patterns from a list to their rule representation.',
    ],
  ],
  reply: ['map', 'nil'],
  run({ reply, services: { access } }, name) {
    const described = access.describe(name.latin1());
    if (described === undefined) return reply.nil();
    const { flags, passwords, root, selectors } = described;
    reply.map(6);
    reply.text('flags');
    reply.set(flags.length);
    for (const flag of flags) reply.text(flag);
    reply.text('passwords');
    reply.array(passwords.length);
    for (const digest of passwords) reply.text(digest);
    replySelector(reply, root);
    reply.text('selectors');
    reply.array(selectors.length);
    for (const selector of selectors) {
      reply.map(3);
      replySelector(reply, selector);
    }
  },
});

function replySelector(reply: Reply, { commands, keys, channels }: SelectorDescription): void {
  for (const [name, rules] of Object.entries({ commands, keys, channels })) {
    reply.text(name);
    latin1(reply, rules);
  }
}

const list = subcommand('acl', {
  ...shared,
  name: 'list',
  complexity: 'O(N). Where N is the number of configured users.',
  summary: 'Dumps the effective rules in ACL file format.',
  reply: ['array'],
  run: ({ reply, services: { access } }) => replyTexts(reply, access.lines()),
});

const users = subcommand('acl', {
  ...shared,
  name: 'users',
  complexity: 'O(N). Where N is the number of configured users.',
  summary: 'Lists all ACL users.',
  reply: ['array'],
  run: ({ reply, services: { access } }) => replyTexts(reply, access.names()),
});

function replyTexts(reply: Reply, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) latin1(reply, text);
}

const load = subcommand('acl', {
  ...shared,
  name: 'load',
  complexity: 'O(N). Where N is the number of configured users.',
  summary: 'Reloads the rules from the configured ACL file.',
  reply: ['ok'],
  run({ client, reply, services: { access } }) {
    const problem = access.load(client);
    if (problem !== undefined) return reply.error(problem);
    reply.ok();
  },
});

const save = subcommand('acl', {
  ...shared,
  name: 'save',
  complexity: 'O(N). Where N is the number of configured users.',
  summary: 'Saves the effective ACL rules in the configured ACL file.',
  reply: ['ok'],
  run({ reply, services: { access } }) {
    const problem = access.save();
    if (problem !== undefined) return reply.error(problem);
    reply.ok();
  },
});

export const aclUserCommands = [deleteUser, getUser, list, load, save, setUser, users];
