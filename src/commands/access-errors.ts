/** What users are answered with who may not do what they ask for. */
import { type Verdict, verdicts } from './access.ts';
import { type ErrorReply, error } from './errors.ts';

/** What a user is answered with who may not do that. */
export function notPermitted(verdict: Verdict, user: string, command: string): ErrorReply {
  const texts = {
    [verdicts.permitted]: '',
    [verdicts.command]: `User ${user} has no permissions to run the '${command}' command`,
    [verdicts.key]: 'No permissions to access a key',
    [verdicts.channel]: 'No permissions to access a channel',
  };
  return error(texts[verdict], 'permission-denied', 'NOPERM');
}

/** The same of a command that could be queued, but is no longer allowed when EXEC comes to it. */
export function noLongerPermitted(verdict: Verdict): ErrorReply {
  const reasons = {
    [verdicts.permitted]: '',
    [verdicts.command]: 'no permission to execute the command or subcommand',
    [verdicts.key]: 'no permission to touch the specified keys',
    [verdicts.channel]:
      'no permission to access one of the channels used as arguments to the command',
  };
  const text =
    'ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ';
  return error(text + reasons[verdict], 'permission-denied', 'NOPERM');
}

/** What a script is answered with whose user may not do what it calls. */
export function notPermittedInScript(verdict: Verdict): ErrorReply {
  const texts = {
    [verdicts.permitted]: '',
    [verdicts.command]: "can't run this command or subcommand",
    [verdicts.key]: "can't access at least one of the keys mentioned in the command arguments",
    [verdicts.channel]: "can't publish to the channel mentioned in the command",
  };
  return error(`The user executing the script ${texts[verdict]}`, 'permission-denied');
}
