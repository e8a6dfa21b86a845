/** Completions: what bash makes of the script, and that all shells are told every command and option. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../program.ts';
import { shells } from './command.ts';
import { completionScript } from './scripts.ts';

const bash = completionScript('bash', buildProgram());

/** What bash offers for the last of the words. */
function offered(...words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `complete() { :; }\n${bash}
COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); cd /; _zippy; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(spawnSync('bash', ['--version']).status !== 0)('bash completes', () => {
  test.each([
    [['zippy', 'cl'], ['cli']],
    [['zippy', 'cli', '--js'], ['--json']],
    [['zippy', 'cli', 'SET', '--memkeys-'], ['--memkeys-samples']],
    [['zippy', 'server', '--maxcl'], ['--maxclients']],
    [['zippy', 'completion', 'f'], ['fish']],
    [['zippy', 'import', '--exis'], ['--existing']],
  ])('%j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

test.each(shells)('%s is told of every command and option', (shell) => {
  const script = completionScript(shell, buildProgram());
  for (const command of buildProgram().commands) {
    expect(script).toContain(command.name());
    for (const { long } of command.options) {
      const name = shell === 'fish' ? `-l ${long?.slice(2)}` : `${long}`;
      if (long !== undefined && !command.name().startsWith('help')) expect(script).toContain(name);
    }
  }
});
