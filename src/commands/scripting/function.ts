/** FUNCTION: libraries of functions, which FCALL calls. */

import { Slice } from '#memory/slice.ts';
import { dumpFunctions, readFunctions } from '#persistence/rdb/functions.ts';
import { globMatch } from '#types/glob.ts';
import { container, subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { error, errors } from '../errors.ts';
import { anyNumber, bytes, flag } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import type { Library, RestorePolicy, RunningFunction } from '../scripts.ts';
import { replyToKill } from './script.ts';

const shared = { group: 'scripting', since: '7.0.0' } as const;
const noLibrary = error('Library not found', 'not-found');
const badPolicy = error(
  'Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
);

/** Counts a change of the libraries, which is one of what is kept and replicated. */
function changed({ keyspace }: Context): void {
  keyspace.writes.dirty++;
}

const load = subcommand('function', {
  ...shared,
  name: 'load',
  complexity: 'O(1) (considering compilation time is redundant)',
  summary: 'Creates a library.',
  flags: ['write', 'denyoom', 'noscript'],
  options: { replace: flag('REPLACE') },
  args: [bytes('function-code')],
  manual: true,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  reply: ['bulk'],
  run(context) {
    const { request, reply, services } = context;
    let replaces = false;
    const last = request.count - 1;
    for (let i = 2; i < last; i++) {
      const word = request.latin1(i);
      if (word.toUpperCase() !== 'REPLACE') {
        return reply.error(error(`Unknown option given: ${word}`));
      }
      replaces = true;
    }
    const name = services.scripts.loadLibrary(Buffer.from(request.view(last)), replaces);
    if (typeof name !== 'string') return reply.error(name);
    changed(context);
    reply.text(name);
  },
});

const remove = subcommand('function', {
  ...shared,
  name: 'delete',
  complexity: 'O(1)',
  summary: 'Deletes a library and its functions.',
  flags: ['write', 'noscript'],
  args: [bytes('library-name')],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  reply: ['ok'],
  run(context) {
    const { request, reply, services } = context;
    if (!services.scripts.deleteLibrary(request.latin1(2))) return reply.error(noLibrary);
    changed(context);
    reply.ok();
  },
});

const flush = subcommand('function', {
  ...shared,
  name: 'flush',
  complexity: 'O(N) where N is the number of functions deleted',
  summary: 'Deletes all libraries and functions.',
  flags: ['write', 'noscript'],
  rest: anyNumber(bytes('flush-type')),
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  reply: ['ok'],
  run(context, { length }) {
    const { request, reply, services } = context;
    if (length > 1 || (length === 1 && !/^(a?sync)$/i.test(request.latin1(2)))) {
      return reply.error(error('FUNCTION FLUSH only supports SYNC|ASYNC option'));
    }
    services.scripts.flushLibraries();
    changed(context);
    reply.ok();
  },
});

const list = subcommand('function', {
  ...shared,
  name: 'list',
  complexity: 'O(N) where N is the number of functions',
  summary: 'Returns information about all libraries.',
  flags: ['noscript'],
  rest: anyNumber(bytes('option')),
  manual: true,
  tips: ['nondeterministic_output_order'],
  reply: ['array'],
  run({ request, reply, services }) {
    let pattern: Slice | undefined;
    let withCode = false;
    for (let i = 2; i < request.count; i++) {
      const word = request.latin1(i);
      if (!withCode && word.toUpperCase() === 'WITHCODE') withCode = true;
      else if (pattern === undefined && word.toUpperCase() === 'LIBRARYNAME') {
        if (i + 1 === request.count) {
          return reply.error(error('library name argument was not given'));
        }
        pattern = request.into(++i, new Slice());
      } else return reply.error(error(`Unknown argument ${word}`));
    }
    const found = [...services.scripts.libraries.values()].filter(({ name }) => {
      if (pattern === undefined) return true;
      const text = Buffer.from(name);
      return globMatch(pattern.bytes, pattern.at, pattern.length, text, 0, text.length, true);
    });
    reply.array(found.length);
    for (const library of found) replyWithLibrary(reply, library, withCode);
  },
});

function replyWithLibrary(reply: Reply, library: Library, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.text('library_name');
  reply.text(library.name);
  reply.text('engine');
  reply.text('LUA');
  reply.text('functions');
  reply.array(library.functions.length);
  for (const { name, description, flags } of library.functions) {
    reply.map(3);
    reply.text('name');
    reply.text(name);
    reply.text('description');
    if (description === undefined) reply.nil();
    else reply.text(description);
    reply.text('flags');
    reply.set(flags.length);
    for (const each of flags) reply.status(each);
  }
  if (!withCode) return;
  reply.text('library_code');
  reply.bulk(library.code, 0, library.code.length);
}

const stats = subcommand('function', {
  ...shared,
  name: 'stats',
  complexity: 'O(1)',
  summary: 'Returns information about a function during execution.',
  flags: ['noscript', 'allow_busy'],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  reply: ['map'],
  run({ reply, services }) {
    const { busyRefusal, runningFunction } = services.scripts;
    // As in Redis, of a script nothing is told.
    if (busyRefusal !== undefined && runningFunction === undefined) return reply.error(busyRefusal);
    reply.map(2);
    reply.text('running_script');
    if (runningFunction === undefined) reply.nil();
    else replyWithRunning(reply, runningFunction);
    reply.text('engines');
    reply.map(1);
    reply.text('LUA');
    reply.map(2);
    reply.text('libraries_count');
    reply.integer(services.scripts.libraries.size);
    reply.text('functions_count');
    reply.integer(services.scripts.functionCount);
  },
});

function replyWithRunning(reply: Reply, { name, words, durationMs }: RunningFunction): void {
  reply.map(3);
  reply.text('name');
  reply.text(name);
  reply.text('command');
  reply.array(words.length);
  for (const word of words) reply.bulk(word, 0, word.length);
  reply.text('duration_ms');
  reply.integer(durationMs);
}

const kill = subcommand('function', {
  ...shared,
  name: 'kill',
  complexity: 'O(1)',
  summary: 'Terminates a function during execution.',
  flags: ['noscript', 'allow_busy'],
  tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
  reply: ['ok'],
  run: ({ reply, services }) => replyToKill(reply, services.scripts.kill('function')),
});

const dump = subcommand('function', {
  ...shared,
  name: 'dump',
  complexity: 'O(N) where N is the number of functions',
  summary: 'Dumps all libraries into a serialized binary payload.',
  flags: ['noscript'],
  reply: ['bulk'],
  run({ reply, services }) {
    const codes = [...services.scripts.libraries.values()].map(({ code }) => code);
    const { bytes: dumped, at, length } = dumpFunctions(codes);
    reply.bulk(dumped, at, length);
  },
});

const restore = subcommand('function', {
  ...shared,
  name: 'restore',
  complexity: 'O(N) where N is the number of functions on the payload',
  summary: 'Restores all libraries from a payload.',
  flags: ['write', 'denyoom', 'noscript'],
  args: [bytes('serialized-value')],
  rest: anyNumber(bytes('policy')),
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  reply: ['ok'],
  run(context, payload, { length }) {
    const { request, reply, services } = context;
    const policy = length === 0 ? 'APPEND' : request.latin1(3).toUpperCase();
    if (length > 1 || !isPolicy(policy)) return reply.error(badPolicy);
    const codes = readFunctions(payload);
    if (codes === undefined) return reply.error(errors.dumpPayload);
    const problem = services.scripts.restoreLibraries(codes, policy);
    if (problem !== undefined) return reply.error(problem);
    changed(context);
    reply.ok();
  },
});

function isPolicy(word: string): word is RestorePolicy {
  return word === 'APPEND' || word === 'FLUSH' || word === 'REPLACE';
}

const help = [
  'LOAD [REPLACE] <FUNCTION CODE>',
  '    Create a new library with the given library name and code.',
  'DELETE <LIBRARY NAME>',
  '    Delete the given library.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Library description',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS',
  '    Return information about the current function running:',
  '    * Function name',
  '    * Command used to run the function',
  '    * Duration in MS that the function is running',
  '    If no function is running, return nil',
  '    In addition, returns a list of available engines.',
  'KILL',
  '    Kill the current running function.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
  'DUMP',
  '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
  '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
  '    control how to handle existing libraries (default APPEND):',
  '    * FLUSH: delete all existing libraries.',
  '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
  '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
  '      libraries with the new libraries (notice that even on this option there is a chance of failure',
  '      in case of functions name collision with another library).',
];

export const functionCommands = [
  container(
    {
      ...shared,
      name: 'function',
      complexity: 'Depends on subcommand.',
      summary: 'A container for function commands.',
      flags: [],
    },
    help,
    [load, remove, flush, list, stats, kill, dump, restore],
  ),
];
