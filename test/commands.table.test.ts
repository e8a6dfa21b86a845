/**
 * Every command that is registered, tried by its own declaration: too few and too many arguments, a key of another
 * type, each option alone, each pair that excludes each other, in both protocol versions against the replies it
 * declares; and it must be compared with Redis somewhere. A new command is tried without a word here.
 */
import { describe, expect, test } from 'vitest';
import type { Command } from '#commands/command.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import { Engine, waiting } from '#commands/testing/engine.ts';
import type { WrittenReply, WrittenShape } from '#commands/testing/recording-reply.ts';
import { coverageOf, uncovered } from './differential/coverage.ts';
import { families } from './differential/families.ts';
import {
  anyType,
  clashWords,
  noTranscript,
  notRun,
  otherOptions,
  wrongTypeWords,
} from './table/exceptions.ts';
import { leastRequest, optionSamples } from './table/samples.ts';
import { keysOf, refuses, typeNames } from './table/values.ts';

/** Every command, those in containers instead of the containers. */
const commands = [...new CommandTable(allCommands).all()].flatMap((command) =>
  command.subcommands.size === 0 ? [command] : [...command.subcommands.values()],
);
const runnable = commands.filter(({ fullName }) => !(fullName in notRun));
const versions = [2, 3] as const;
/** Longer than a sample waits for a key. */
const waitMs = 2000;

/** A fresh engine's reply, after `prepare`. */
function replyTo(
  words: readonly string[],
  protocol: 2 | 3 = 2,
  prepare: (engine: Engine) => void = () => {},
): WrittenReply | undefined {
  const engine = new Engine({ shards: 1, protocol });
  prepare(engine);
  const replies = engine.client.runAll(...words);
  engine.verify();
  if (replies === waiting) return undefined;
  const { client, connection } = engine.client;
  if (!client.isBlocked) return replies[0];
  engine.advance(waitMs);
  return connection.outOfBand.take()[0];
}

function errorOf(reply: WrittenReply | undefined): string | undefined {
  return reply?.value instanceof Error ? reply.value.message : undefined;
}

function wrongArityOf(command: Command): string {
  const text = `wrong number of arguments for '${command.fullName}' command`;
  return command.fullName === 'exec'
    ? `EXECABORT Transaction discarded because of: ${text}`
    : `ERR ${text}`;
}

/** What a declared shape is written as. */
function isDeclared({ facts }: Command, shape: WrittenShape): boolean {
  if (shape === 'error') return true;
  const declared: readonly string[] = facts.reply;
  return declared.includes(shape === 'nil-array' ? 'nil' : shape);
}

function expectDeclared(command: Command, reply: WrittenReply | undefined, words: string): void {
  const shape = reply?.shape ?? 'none';
  const isRight =
    reply === undefined ? command.facts.reply.includes('none') : isDeclared(command, reply.shape);
  expect(isRight, `${words} is answered with ${shape}`).toBe(true);
}

const wrongType = /^WRONGTYPE Operation against a key holding the wrong kind of value$/;

/** Defines a test where it applies to a command, and none elsewhere. */
function testWhere(applies: boolean): (name: string, body: () => void) => void {
  return applies ? test : () => {};
}

test('the table is not empty', () => {
  expect(commands.length).toBeGreaterThan(5);
});

describe.each(runnable.map((command) => [command.fullName, command] as const))(
  '%s',
  (_, command) => {
    const { words, keys } = leastRequest(command);
    const options = command.fullName in otherOptions ? [] : optionSamples(command);

    test('refuses too few arguments and too many', () => {
      if (words.length > command.words) {
        expect(errorOf(replyTo(words.slice(0, -1)))).toBe(wrongArityOf(command));
      }
      if (command.arity > 0) expect(errorOf(replyTo([...words, 'v']))).toBe(wrongArityOf(command));
    });

    test('takes the least request, and answers as it declares', () => {
      for (const protocol of versions) {
        const values = typeNames.map((type) => keysOf(type, keys));
        for (const prepare of [() => {}, ...values]) {
          const reply = replyTo(words, protocol, prepare);
          expect(errorOf(reply) ?? '').not.toMatch(/syntax error|wrong number of arguments/);
          expectDeclared(command, reply, words.join(' '));
        }
      }
    });

    testWhere(
      keys.length > 0 && command.facts.group !== 'generic' && !(command.fullName in anyType),
    )('refuses a key that holds something else', () => {
      for (const type of typeNames) {
        if (!refuses(command.fullName, command.facts.group, type)) continue;
        const reply = replyTo(words, 2, keysOf(type, keys));
        expect(errorOf(reply), type).toMatch(wrongTypeWords[command.fullName] ?? wrongType);
      }
    });

    testWhere(options.length > 0)('takes each option alone, in any case of letters', () => {
      for (const option of options) {
        const request = leastRequest(command, option.words).words;
        const lower = leastRequest(
          command,
          option.words.map((word) => word.toLowerCase()),
        ).words;
        for (const protocol of versions) {
          for (const prepare of [() => {}, keysOf('string', keys)]) {
            const reply = replyTo(request, protocol, prepare);
            expect(errorOf(reply) ?? '', request.join(' ')).not.toMatch(
              /syntax error|wrong number/,
            );
            expectDeclared(command, reply, request.join(' '));
            expect(replyTo(lower, protocol, prepare)).toEqual(reply);
          }
        }
      }
    });

    testWhere(options.some((option) => isExclusive(command, option.option)))(
      'refuses options that exclude each other',
      () => {
        for (const one of options) {
          for (const other of options) {
            if (one.option !== other.option || one.token === other.token) continue;
            const request = leastRequest(command, [...one.words, ...other.words]).words;
            const problem = errorOf(replyTo(request, 2, keysOf('string', keys)));
            expect(problem, request.join(' ')).toMatch(
              clashWords[command.fullName] ?? /^ERR syntax error$/,
            );
          }
        }
      },
    );
  },
);

function isExclusive(command: Command, option: string): boolean {
  const declared = command.options[option];
  return declared?.kind === 'choice' && Object.keys(declared.tokens).length > 1;
}

test('every command that Redis 7.0 has is compared with it, or says why not', () => {
  const coverage = coverageOf(families);
  const missing = commands.filter(({ facts, fullName }) => {
    const name = fullName.toUpperCase();
    const isNewer = Number.parseFloat(facts.since) > 7;
    return !(isNewer || coverage.has(name) || name in uncovered || fullName in noTranscript);
  });
  expect(missing.map(({ fullName }) => fullName)).toEqual([]);
});
