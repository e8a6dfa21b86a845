/** Writes docs/configuration.md. Run it after changing the table of directives. */
import { writeFileSync } from 'node:fs';
import { renderConfigurationPage } from '#config/documentation.ts';

const page = new URL('../docs/configuration.md', import.meta.url);
writeFileSync(page, renderConfigurationPage());
