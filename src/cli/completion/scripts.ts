/** Completion scripts, derived from the tree of commands; of the server, from the table of directives. */
import type { Command, Option } from 'commander';
import { allDirectives } from '#config/directives.ts';
import type { Shell } from './command.ts';

/** A command as shells need to know it. */
interface Entry {
  /** The words that lead to it, without `zippy`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** What may come as its next word. */
  readonly choices: readonly string[];
}

interface Flag {
  readonly names: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
}

/** The script for a shell. */
export function completionScript(shell: Shell, program: Command): string {
  const entries = entriesOf(program, []);
  switch (shell) {
    case 'bash':
      return bashScript(entries);
    case 'zsh':
      return zshScript(entries);
    case 'fish':
      return fishScript(entries);
  }
}

function entriesOf(command: Command, words: readonly string[]): Entry[] {
  const visible = command.createHelp().visibleCommands(command);
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const own: Entry = {
    words,
    summary: command.summary() || command.description(),
    flags: [...command.createHelp().visibleOptions(command).map(flagOf), ...directivesOf(words)],
    choices: [...visible.map((each) => each.name()), ...choices],
  };
  return [own, ...visible.flatMap((each) => entriesOf(each, [...words, each.name()]))];
}

function flagOf({ short, long, description, required, optional }: Option): Flag {
  const names = [short, long].filter((name) => name !== undefined);
  return { names, summary: description, takesValue: required || optional };
}

function directivesOf(words: readonly string[]): Flag[] {
  if (words.join(' ') !== 'server') return [];
  return [...allDirectives()].map(({ name }) => ({
    names: [`--${name}`],
    summary: 'directive',
    takesValue: true,
  }));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bashScript(entries: readonly Entry[]): string {
  const cases = entries.map(({ words, flags, choices }) => {
    const names = flags.flatMap((flag) => flag.names).join(' ');
    return `    ${quote(words.join(' '))}) flags=${quote(names)}; choices=${quote(choices.join(' '))} ;;`;
  });
  return `# bash completion for zippy
_zippy() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' flags='' choices='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " $(_zippy_paths) " in *" \${path:+$path/}$word "*) path="\${path:+$path/}$word" ;; *) break ;; esac
  done
  case "\${path//\\// }" in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
    # A server takes a configuration file instead of a command.
    if [[ -z $path || -z $choices ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
  fi
}
_zippy_paths() {
  echo ${quote(
    entries
      .map(({ words }) => words.join('/'))
      .join(' ')
      .trim(),
  )}
}
complete -o filenames -F _zippy zippy
`;
}

function zshScript(entries: readonly Entry[]): string {
  const [program] = entries;
  const described = (names: readonly string[]) =>
    names.map((name) => {
      const entry = entries.find(({ words }) => words.length === 1 && words[0] === name);
      return quote(`${name}:${entry?.summary ?? ''}`);
    });
  const cases = entries.slice(1).map(({ words, flags, choices }) => {
    const specs = flags.flatMap((flag) => flag.names.map((name) => quote(zshSpec(name, flag))));
    const argument = choices.length > 0 ? `1:argument:(${choices.join(' ')})` : '*:file:_files';
    return `    ${words.join('/')}) _arguments ${[...specs, quote(argument)].join(' ')} ;;`;
  });
  return `#compdef zippy
_zippy() {
  local -a commands
  commands=(${described(program?.choices ?? []).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    _files
    return
  fi
  local name="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join('\n')}
    *) _files ;;
  esac
}
_zippy "$@"
`;
}

function zshSpec(name: string, { summary, takesValue }: Flag): string {
  const text = summary.replace(/[[\]:\\]/g, '\\$&');
  return `${name}[${text}]${takesValue ? ':value:_files' : ''}`;
}

function fishScript(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ words, flags, choices }) => {
    const condition =
      words.length === 0
        ? '__fish_use_subcommand'
        : words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const begin = `complete -c zippy -n ${quote(condition)}`;
    const summaryOf = (name: string) =>
      entries.find((entry) => entry.words.join(' ') === [...words, name].join(' '))?.summary ?? '';
    return [
      ...choices.map((name) => `${begin} -a ${name} -d ${quote(summaryOf(name))}`),
      ...flags.map((flag) => `${begin} ${fishFlag(flag)} -d ${quote(flag.summary)}`),
    ];
  });
  return `# fish completion for zippy\n${lines.join('\n')}\n`;
}

function fishFlag({ names, takesValue }: Flag): string {
  const parts = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  return [...parts, ...(takesValue ? ['-r'] : [])].join(' ');
}
