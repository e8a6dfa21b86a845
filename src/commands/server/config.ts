/** The configuration at run time. Its names and values are byte strings, one character a byte. */
import { type Command, container, subcommand } from '../command.ts';
import { error, errors } from '../errors.ts';
import { bytes, repeat } from '../grammar.ts';
import { adminFlags, latin1, wordsOf } from './shared.ts';

const get = subcommand('config', {
  name: 'get',
  since: '2.0.0',
  group: 'server',
  complexity: 'O(N) when N is the number of configuration parameters provided',
  summary: 'Returns the effective values of configuration parameters.',
  flags: adminFlags,
  history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
  rest: repeat(bytes('parameter')),
  reply: ['map'],
  run({ reply, services }, patterns) {
    const matches = services.config.match(wordsOf(patterns));
    reply.map(matches.size);
    for (const [name, value] of matches) {
      latin1(reply, name);
      latin1(reply, value);
    }
  },
});

const set = subcommand('config', {
  name: 'set',
  since: '2.0.0',
  group: 'server',
  complexity: 'O(N) when N is the number of configuration parameters provided',
  summary: 'Sets configuration parameters in-flight.',
  flags: adminFlags,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
  rest: { ...repeat(bytes('parameter'), bytes('value')), incomplete: errors.syntax },
  reply: ['ok'],
  run({ reply, services, client }, pairs) {
    const problem = services.config.set(wordsOf(pairs), { isLocal: client.connection.isLocal });
    if (problem !== undefined) return reply.error(error(problem));
    reply.ok();
  },
});

const resetStat = subcommand('config', {
  name: 'resetstat',
  since: '2.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: "Resets the server's statistics.",
  flags: adminFlags,
  reply: ['ok'],
  run({ reply, services, keyspace }) {
    const { stats, commands, expiry, memory, loop, histograms } = services;
    stats.reset();
    services.interactive.resetFigures();
    keyspace.stats.hits = 0;
    keyspace.stats.misses = 0;
    keyspace.stats.expired = 0;
    keyspace.stats.expiredFields = 0;
    keyspace.stats.evicted = 0;
    expiry.spentMs = 0;
    expiry.timeouts = 0;
    keyspace.lazyFree.freed = 0;
    histograms.clear();
    loop.reset();
    memory.resetPeak();
    for (const command of commands.all()) {
      command.stats.reset();
      for (const each of command.subcommands.values()) each.stats.reset();
    }
    reply.ok();
  },
});

const rewrite = subcommand('config', {
  name: 'rewrite',
  since: '2.8.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Persists the effective configuration to file.',
  flags: adminFlags,
  reply: ['ok'],
  run({ reply, services: { access, config, configFile } }) {
    if (configFile === undefined) {
      return reply.error(error('The server is running without a config file'));
    }
    try {
      const users = access.hasFile ? [] : access.lines();
      configFile.write(config.rewrite(configFile.read(), users));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return reply.error(error(`Rewriting config file: ${reason}`));
    }
    reply.ok();
  },
});

export const configCommands: readonly Command[] = [
  container(
    {
      name: 'config',
      since: '2.0.0',
      group: 'server',
      complexity: 'Depends on subcommand.',
      summary: 'A container for server configuration commands.',
      flags: [],
    },
    [
      'GET <pattern>',
      '    Return parameters matching the glob-like <pattern> and their values.',
      'SET <directive> <value>',
      '    Set the configuration <directive> to <value>.',
      'RESETSTAT',
      '    Reset statistics reported by the INFO command.',
      'REWRITE',
      '    Rewrite the configuration file.',
    ],
    [get, set, resetStat, rewrite],
  ),
];
