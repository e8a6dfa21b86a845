/**
 * DEBUG: what test suites of clients and of Redis ask for, as far as it has a meaning here. Off unless
 * enable-debug-command allows it, for a client may hold up the whole server by it.
 */
import { valueType } from '#keyspace/entry.ts';
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { traitsOf } from '#types/values.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { error, errors, quoted } from '../errors.ts';
import { anyNumber, bytes } from '../grammar.ts';
import { waitFor } from '../waiting.ts';
import { protocolExamples, replyExample } from './debug-protocol.ts';
import { adminFlags, subcommandSyntax, wordsOf } from './shared.ts';

const notAllowed = error(
  'DEBUG command not allowed. If the enable-debug-command option is set to "local", ' +
    'you can run it from a local connection, otherwise you need to set this option in the configuration file, ' +
    'and then restart the server.',
);
const notPositive = error('value is out of range, must be positive');
const sleepMsMax = 2 ** 31 - 1;

/** One of DEBUG's subcommands, with the numbers of words it may have after its name. */
interface Action {
  readonly least: number;
  readonly most: number;
  readonly help: readonly string[];
  run(context: Context, args: readonly string[]): void;
}

function answerOk({ reply }: Context): void {
  reply.ok();
}

const sleep: Action = {
  least: 1,
  most: 1,
  help: ['SLEEP <seconds>', '    Stop the server for <seconds>. Decimals allowed.'],
  run({ reply, keyspace, services }, [seconds]) {
    const ms = Math.min(sleepMsMax, (Number.parseFloat(seconds ?? '') || 0) * 1000);
    // Nothing wakes it: the wait is over when its time is.
    if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    keyspace.setNow(services.clock.nowMs());
    reply.ok();
  },
};

const key = new Slice();

function pointAt(text: string): Slice {
  const buffer = Buffer.from(text, 'latin1');
  return key.point(buffer, 0, buffer.length);
}

const object: Action = {
  least: 1,
  most: 1,
  help: ['OBJECT <key>', '    Show low level info about `key` and associated value.'],
  run({ reply, database, keyspace }, [name = '']) {
    const cursor = database.peek(pointAt(name));
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    const idleSeconds = Math.floor(keyspace.access.idleMs(cursor.access) / 1000);
    reply.status(
      `Value at:0x${cursor.valueAt.toString(16)} refcount:1 encoding:${traitsOf(cursor).encoding(cursor)} ` +
        `serializedlength:${cursor.valueLength} lru:${cursor.access} lru_seconds_idle:${idleSeconds}`,
    );
  },
};

const setActiveExpire: Action = {
  least: 1,
  most: 1,
  help: [
    'SET-ACTIVE-EXPIRE <0|1>',
    '    Setting it to 0 leaves expired keys until somebody asks for them,',
    '    1 removes them when their time has come, which is the default.',
  ],
  run({ reply, services }, [enabled]) {
    services.expiry.enabled = (Number.parseInt(enabled ?? '', 10) || 0) !== 0;
    reply.ok();
  },
};

const protocol: Action = {
  least: 1,
  most: 1,
  help: [
    'PROTOCOL <type>',
    '    Reply with a test value of the specified type. <type> can be:',
    `    ${protocolExamples.join(', ')}.`,
  ],
  run: (context, [type = '']) => replyExample(context, type.toLowerCase()),
};

/** A positive number as Redis reads DEBUG POPULATE's. */
function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const populate: Action = {
  least: 1,
  most: 3,
  help: [
    'POPULATE <count> [<prefix>] [<size>]',
    '    Create <count> string keys named key:<num>. If <prefix> is specified then',
    "    it is used instead of the 'key' prefix.",
  ],
  run({ reply, database }, [countText, prefix = 'key', sizeText]) {
    const count = positive(countText);
    const size = sizeText === undefined ? 0 : positive(sizeText);
    if (count === undefined || size === undefined) return reply.error(notPositive);
    for (let index = 0; index < count; index++) {
      const cursor = database.write(pointAt(`${quoted(prefix)}:${index}`));
      if (cursor.exists) continue;
      const value = Buffer.from(`value:${index}`);
      const length = size === 0 ? value.length : size;
      cursor.overwrite('set', valueType.string, length);
      const { valueAt } = cursor;
      cursor.bytes.fill(0, valueAt, valueAt + length);
      copyBytes(cursor.bytes, valueAt, value, 0, Math.min(length, value.length));
    }
    reply.ok();
  },
};

const fail: Action = {
  least: 1,
  most: 1,
  help: [
    'ERROR <string>',
    '    Return a protocol error with <string> as message. Useful for clients',
    '    unit tests to simulate errors.',
  ],
  run({ reply }, [text = '']) {
    const [code = '', ...rest] = text.split(' ');
    reply.error(error(rest.join(' '), 'internal', code));
  },
};

const reload: Action = {
  least: 0,
  most: 3,
  help: [
    'RELOAD [option ...]',
    '    Save a snapshot and load it again. Options:',
    '    * NOSAVE: load the snapshot that there is.',
    '    * NOFLUSH: keep the data that are not in it.',
  ],
  run(context, args) {
    const { reply, services } = context;
    const words = args.map((word) => word.toLowerCase());
    if (!words.every((word) => word === 'nosave' || word === 'noflush')) {
      return reply.error(
        error('DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.'),
      );
    }
    const { snapshots } = services;
    if (snapshots.isRunning) return reply.error(error('Background save already in progress'));
    const options = { saves: !words.includes('nosave'), flushes: !words.includes('noflush') };
    waitFor<string | undefined>(
      context,
      (done) => snapshots.reload(options, done),
      (outOfBand, failure) => {
        if (failure === undefined) outOfBand.ok();
        else outOfBand.error(error(failure, 'internal'));
      },
    );
  },
};

/** Knobs of Redis's own structures: there is nothing to turn here, and no harm in asking. */
function ignored(name: string, reason: string): Action {
  return {
    least: 1,
    most: 1,
    help: [name, `    Accepted without effect: ${reason}.`],
    run: answerOk,
  };
}

const actions: ReadonlyMap<string, Action> = new Map([
  ['error', fail],
  ['object', object],
  ['populate', populate],
  ['protocol', protocol],
  [
    'quicklist-packed-threshold',
    ignored('QUICKLIST-PACKED-THRESHOLD <size>', 'there are no quicklists'),
  ],
  ['reload', reload],
  ['set-active-expire', setActiveExpire],
  [
    'set-disable-deny-scripts',
    ignored('SET-DISABLE-DENY-SCRIPTS <0|1>', 'there are no scripts yet'),
  ],
  ['sleep', sleep],
]);

function replyHelp({ reply }: Context): void {
  const lines = [
    'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
    ...[...actions.values()].flatMap(({ help }) => help),
    'HELP',
    '    Prints this help.',
  ];
  reply.array(lines.length);
  for (const line of lines) reply.status(line);
}

const debug = command({
  name: 'debug',
  since: '1.0.0',
  group: 'server',
  complexity: 'Depends on subcommand.',
  summary: 'A container for debugging commands.',
  flags: adminFlags,
  args: [bytes('subcommand')],
  rest: anyNumber(bytes('argument')),
  reply: ['ok', 'status', 'array', 'integer', 'double', 'bulk', 'nil', 'set', 'map', 'boolean'],
  run(context, name, rest) {
    const { reply, services, client } = context;
    const allowed = services.config.get('enable-debug-command');
    const isAllowed = allowed === 'yes' || (allowed === 'local' && client.connection.isLocal);
    if (!isAllowed) return reply.error(notAllowed);
    const word = name.latin1();
    const args = wordsOf(rest);
    if (word.toLowerCase() === 'help' && args.length === 0) return replyHelp(context);
    const action = actions.get(word.toLowerCase());
    if (action === undefined || args.length < action.least || args.length > action.most) {
      return reply.error(subcommandSyntax('debug', word));
    }
    action.run(context, args);
  },
});

export const debugCommands = [debug];
