/** Writes docs/commands.md; `--check` only compares. Run it after changing the declaration of a command. */
import { renderCommandsPage } from './docs/commands.ts';
import { writePage } from './docs/page.ts';

writePage('commands.md', renderCommandsPage());
