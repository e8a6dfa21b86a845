/** `zippy completion SHELL` as a command. */
import { Argument, Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const installing = `
To install it:
  bash   zippy completion bash > ~/.local/share/bash-completion/completions/zippy
  zsh    zippy completion zsh > ~/.zfunc/_zippy      (with fpath+=~/.zfunc before compinit)
  fish   zippy completion fish > ~/.config/fish/completions/zippy.fish
`;

/** `tree` makes the commands to complete. */
export function completionCommand(tree: () => Command): Command {
  return new Command('completion')
    .summary('print a script that completes commands in a shell')
    .description('Prints a script that lets a shell complete the commands and options of zippy.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText('after', installing)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./scripts.ts');
      process.stdout.write(completionScript(shell, tree()));
    });
}
