/** Writes docs/configuration.md; `--check` only compares. Run it after changing the table of directives. */
import { renderConfigurationPage } from '#config/documentation.ts';
import { writePage } from './docs/page.ts';

writePage('configuration.md', renderConfigurationPage());
