import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderConfigurationPage } from './documentation.ts';

test('docs/configuration.md is up to date (node scripts/docs-configuration.ts)', () => {
  const page = new URL('../../docs/configuration.md', import.meta.url);
  expect(readFileSync(page, 'utf8')).toBe(renderConfigurationPage());
});

test('no cell of the page breaks its table', () => {
  const rows = renderConfigurationPage()
    .split('\n')
    .filter((line) => line.startsWith('|'));
  for (const row of rows) expect(row.split('|')).toHaveLength(7);
});
