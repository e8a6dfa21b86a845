/** What HyperLogLogs look like inside, and whether they work. */
import { describe, isSparse, register } from '#types/hyperloglog.ts';
import { HyperLogLogEdit } from '#types/hyperloglog-edit.ts';
import { registerCount } from '#types/hyperloglog-hash.ts';
import { selfTest } from '#types/hyperloglog-self-test.ts';
import { command } from '../command.ts';
import { error, errors, quoted } from '../errors.ts';
import { bytes, key } from '../grammar.ts';
import { problemOf } from './hyperloglog.ts';

const edit = new HyperLogLogEdit();

/** Redis notifies nobody of a change of form alone, but logs it. */
const formEvent = 'pfdebug';

const pfDebug = command({
  name: 'pfdebug',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'N/A',
  summary: 'Internal commands for debugging HyperLogLog values.',
  flags: ['write', 'denyoom', 'admin'],
  args: [bytes('subcommand'), key('key', 'RW', 'access')],
  reply: ['array', 'bulk', 'status', 'integer'],
  run({ database, reply, services }, subcommand, key) {
    const cursor = database.write(key);
    if (!cursor.exists) return reply.error(errors.hyperLogLogMissing);
    const problem = problemOf(cursor);
    if (problem !== undefined) return reply.error(problem);
    cursor.edited = true;
    const word = quoted(subcommand.latin1());
    switch (word.toLowerCase()) {
      case 'decode':
        if (isSparse(cursor)) reply.text(describe(cursor));
        else reply.error(errors.hyperLogLogNotSparse);
        return;
      case 'encoding':
        return reply.status(isSparse(cursor) ? 'sparse' : 'dense');
      case 'todense':
      case 'getreg':
        break;
      default:
        return reply.error(error(`Unknown PFDEBUG subcommand '${word}'`));
    }
    edit.open(cursor, formEvent, services.config.get('hll-sparse-max-bytes'));
    const isSound = edit.makeDense();
    const hasChanged = edit.close();
    if (!isSound) reply.error(errors.hyperLogLogCorrupted);
    else if (word.toLowerCase() === 'todense') reply.integer(hasChanged ? 1 : 0);
    else {
      reply.array(registerCount);
      for (let i = 0; i < registerCount; i++) reply.integer(register(cursor, i));
    }
  },
});

const pfSelfTest = command({
  name: 'pfselftest',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'N/A',
  summary: 'An internal command for testing HyperLogLog values.',
  flags: ['admin'],
  reply: ['ok'],
  run({ reply, services: { config, random } }) {
    const failure = selfTest(() => random.int32(), config.get('hll-sparse-max-bytes'));
    if (failure === undefined) reply.ok();
    else reply.error(error(`TESTFAILED ${failure}`));
  },
});

export const hyperLogLogDebugCommands = [pfDebug, pfSelfTest];
