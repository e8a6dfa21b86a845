/** Writes docs/compatibility.md; `--check` only compares. Run it after adding a command or an intended difference. */
import { renderCompatibilityPage } from './docs/compatibility.ts';
import { writePage } from './docs/page.ts';

writePage('compatibility.md', renderCompatibilityPage());
