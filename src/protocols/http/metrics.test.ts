/** The metrics as others read them: two parsers that are not ours, and the server's own numbers. */
import { spawnSync } from 'node:child_process';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { expect, test } from 'vitest';
import { type InProcessServer, portOf, startInProcess } from '../../../test/kit/in-process.ts';
import { hasPythonModules, python } from '../../../test/kit/python.ts';
import { peerAvailable } from '../../../test/kit/servers.ts';

const reading = `
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    print(family.name, family.type, len(family.samples))
`;
const hasClient = hasPythonModules('prometheus_client');

async function metricsOf(server: InProcessServer): Promise<string> {
  const response = await fetch(`http://${server.host}:${portOf(server, 'HTTP')}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return response.text();
}

/** Metrics of a server that has done something of each kind. */
async function ofBusyServer(): Promise<string> {
  await using server = await startInProcess([], { httpPort: 'any' });
  const remote = await server.connect();
  for (let i = 0; i < 100; i++) await remote.send('SET', `key:${i % 10}`, 'v');
  await remote.send('EXPIRE', 'key:1', '1000');
  await remote.send('SELECT', '3');
  await remote.send('SET', 'a', 'v');
  await remote.send('LPUSH', 'a', 'v');
  await remote.send('CONFIG', 'GET', 'maxmemory');
  const text = await metricsOf(server);
  await remote.close();
  return text;
}

test('an independent parser finds what the server did', async () => {
  const families = new Map(
    parsePrometheusTextFormat(await ofBusyServer()).map((family) => [family.name, family]),
  );
  const first = (name: string) => families.get(name)?.metrics[0];
  expect(first('zippy_connected_clients')).toEqual({ value: '2' });
  expect(first('zippy_info')?.labels).toMatchObject({ redis_version: expect.any(String) });
  expect(families.get('zippy_commands_processed_total')?.type).toBe('COUNTER');
  expect(families.get('zippy_db_keys')?.metrics).toEqual([
    { labels: { db: '0' }, value: '10' },
    { labels: { db: '3' }, value: '1' },
  ]);
  expect(families.get('zippy_command_calls_total')?.metrics).toContainEqual({
    labels: { command: 'set' },
    value: '101',
  });
  expect(families.get('zippy_errors_total')?.metrics).toEqual([
    { labels: { code: 'WRONGTYPE' }, value: '1' },
  ]);
  expect(families.get('zippy_command_duration_seconds')?.type).toBe('HISTOGRAM');
});

test('a command’s latencies are counted in buckets that hold those before them', async () => {
  const name = 'zippy_command_duration_seconds';
  const lines = (await ofBusyServer()).split('\n');
  const countIn = (line: string) => Number(line.split(' ')[1]);
  const counts = lines.filter((line) => line.startsWith(`${name}_bucket{command="set",`));
  expect(counts.map((line) => /le="(.*)"/.exec(line)?.[1])).toEqual([
    ...['0.000001', '0.0000025', '0.000005', '0.00001', '0.000025', '0.00005', '0.0001'],
    ...['0.00025', '0.0005', '0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1'],
    ...['0.25', '0.5', '1', '+Inf'],
  ]);
  const values = counts.map(countIn);
  expect(values).toEqual([...values].sort((x, y) => x - y));
  expect(values.at(-1)).toBeGreaterThan(16);
  expect(lines).toContain(`${name}_count{command="set"} ${values.at(-1)}`);
});

test('every metric has a name of its own, a type and a help, and numbers only', async () => {
  const lines = (await ofBusyServer()).split('\n').filter((line) => line !== '');
  const types = lines
    .filter((line) => line.startsWith('# TYPE '))
    .map((line) => line.split(' ')[2]);
  expect(new Set(types).size).toBe(types.length);
  expect(lines.filter((line) => line.startsWith('# HELP '))).toHaveLength(types.length);
  for (const line of lines.filter((each) => !each.startsWith('#'))) {
    expect(line).toMatch(/^zippy_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?\d[\d.e+-]*$/);
  }
});

test.skipIf(!peerAvailable('prometheus_client', hasClient))(
  'Prometheus’s own client library for Python reads them',
  async () => {
    const text = await ofBusyServer();
    const { stdout, stderr } = spawnSync(python, ['-c', reading], {
      input: text,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^zippy_command_duration_seconds histogram \d+$/m);
    expect(stdout).toMatch(/^zippy_commands_processed counter 1$/m);
  },
);
