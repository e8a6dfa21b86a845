import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configOf } from '../../test/kit/in-process.ts';
import { openLog } from './logging.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-log-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** The lines in the log file. */
function lines(): unknown[] {
  const text = readFileSync(join(directory, 'zippy.log'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

test('a line is one JSON object with its level, time and fields, written at once', () => {
  const log = openLog(configOf('--dir', directory, '--logfile', 'zippy.log'));
  log.warning('the disk is nearly full', { freeBytes: 1000 });
  expect(lines()).toEqual([
    {
      level: 'warning',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      pid: process.pid,
      freeBytes: 1000,
      msg: 'the disk is nearly full',
    },
  ]);
});

test('loglevel decides what is written, and CONFIG SET changes it', () => {
  const config = configOf('--dir', directory, '--logfile', 'zippy.log');
  const log = openLog(config);
  const writeAll = () => {
    for (const level of ['debug', 'verbose', 'notice', 'warning', 'error', 'fatal'] as const) {
      log[level](level);
    }
  };
  const written = (level: string) => {
    config.set(['loglevel', level]);
    const before = lines().length;
    writeAll();
    return lines().length - before;
  };
  expect(['debug', 'verbose', 'notice', 'warning', 'nothing'].map(written)).toEqual([
    6, 5, 4, 3, 0,
  ]);
});
