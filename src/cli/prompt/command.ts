/** `zippy cli` as a command: its options, and which of its ways of working they ask for. */
import { Command, Option } from 'commander';
import {
  addConnectionOptions,
  type ConnectionOptions,
  countFrom,
  endpointOf,
  secondsAsMs,
} from '../client/options.ts';

/** What commander makes of the options below. */
export interface PromptOptions extends ConnectionOptions {
  readonly 2?: true;
  readonly 3?: true;
  readonly raw?: boolean;
  readonly csv?: true;
  readonly json?: true;
  readonly itemDelimiter: string;
  readonly replyDelimiter: string;
  readonly repeat?: number;
  readonly interval?: number;
  readonly stdin?: true;
  readonly exitOnError?: true;
  readonly askpass?: true;
  readonly eval?: string;
  readonly pipe?: true;
  readonly scan?: true;
  readonly pattern?: string;
  readonly type?: string;
  readonly count?: number;
  readonly bigkeys?: true;
  readonly memkeys?: true;
  readonly memkeysSamples?: number;
  readonly latency?: true;
  readonly stat?: true;
}

const examples = `
Examples:
  zippy cli                                      a prompt; type help there
  zippy cli -u rediss://ada:secret@example.org   another server, with TLS
  zippy cli SET greeting hello EX 60             one command
  zippy cli --json HGETALL user:1                its reply as JSON
  zippy cli -r 10 -i 1 INCR visits               ten times, once a second
  zippy cli -x SET picture < picture.png         the last argument from a file
  zippy cli < commands.txt                       a command a line
  zippy cli --pipe < commands.resp               the protocol itself, as fast as it goes
  zippy cli --scan --pattern 'user:*'            the names of keys
  zippy cli MONITOR                              what others do, until Ctrl-C
`;

export function promptCommand(): Command {
  const command = new Command('cli')
    .summary('talk to a server: a prompt, or one command')
    .description(
      'Without a command it is a prompt to a server, or reads commands from standard input.\n' +
        'Talks to everything that speaks the protocol of Redis.',
    )
    .usage('[options] [command [argument...]]')
    .argument('[command...]', 'a command and its arguments')
    .passThroughOptions();
  addConnectionOptions(command)
    .option('--askpass', 'ask for the password')
    .option('-2', 'speak RESP2')
    .option('-3', 'speak RESP3')
    .option('--raw', 'print values as they are; so it is when nobody watches')
    .option('--no-raw', 'print values with their types; so it is on a terminal')
    .option('--csv', 'print comma-separated values')
    .option('--json', 'print JSON, and speak RESP3 unless told -2')
    .option('-d, --item-delimiter <text>', 'between the items of a raw reply', '\n')
    .option('-D, --reply-delimiter <text>', 'after a raw reply', '\n')
    .option('-r, --repeat <count>', 'run the command so often; -1 for ever', parseRepeat)
    .option(
      '-i, --interval <seconds>',
      'with -r, --scan, --bigkeys and --stat: the pause',
      secondsAsMs,
    )
    .option('-x, --stdin', 'read the last argument from standard input')
    .option('-e, --exit-on-error', 'an error reply goes to standard error and is exit code 1')
    .option('--eval <file>', 'run a Lua script; keys and arguments follow, parted by a comma')
    .option('--pipe', 'send standard input, which is RESP, as it is')
    .option('--scan', 'print the names of all keys')
    .option('--pattern <glob>', 'with --scan, --bigkeys, --memkeys: only keys like this')
    .option('--type <type>', 'with --scan: only keys of this type')
    .option('--count <number>', 'with --scan, --bigkeys, --memkeys: keys a step', countFrom(1))
    .option('--bigkeys', 'look for the keys with the most elements')
    .option('--memkeys', 'look for the keys that take the most memory')
    .addOption(
      new Option(
        '--memkeys-samples <count>',
        'with --memkeys: elements to look at; 0 for all',
      ).argParser(countFrom(0)),
    )
    .option('--latency', 'measure how long a PING takes, and draw it')
    .option('--stat', 'print what the server does, once a second')
    .addHelpText('after', examples)
    .action(run);
  return command;
}

async function run(words: readonly string[], options: PromptOptions): Promise<void> {
  const isResp3 = options[3] === true ? 3 : options.json === true && options[2] !== true;
  const protocol = isResp3 === 3 ? 3 : isResp3 ? '3 if known' : 2;
  const endpoint = endpointOf(options, protocol);
  const { runCli } = await import('./run-cli.ts');
  process.exitCode = await runCli(endpoint, words, options);
}

/** -1, or less, is for ever. */
function parseRepeat(text: string): number {
  return /^-\d+$/.test(text) ? Infinity : countFrom(1)(text);
}
