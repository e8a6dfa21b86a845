/** The examples of docs/grpc.md and examples/python, against a live server. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { portOf, startInProcess } from './kit/in-process.ts';
import { hasPythonModules, python } from './kit/python.ts';
import { peerAvailable } from './kit/servers.ts';

const hasGrpc = hasPythonModules('grpc', 'google.protobuf');
const tour = fileURLToPath(new URL('../examples/python/tour.py', import.meta.url));

test.skipIf(!peerAvailable('python3-grpcio', hasGrpc))('the tour in Python', async () => {
  await using server = await startInProcess([], { grpcPort: 'any' });
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const args = [tour, `127.0.0.1:${portOf(server, 'gRPC')}`];
  const { stdout } = await promisify(execFile)(python, args, { env });
  expect(stdout.trimEnd().split('\n')).toEqual([
    'server True True',
    "get b'hello'",
    'ttl True',
    'missing False',
    'incr 42',
    "pop [b'first', b'second']",
    "hash [(b'city', b'London'), (b'name', b'Ada')]",
    'members [True, False]',
    "best [(b'bob', 20.0), (b'ada', 10.0)]",
    "log b'start'",
    "near [b'rome']",
    'error FAILED_PRECONDITION WRONGTYPE',
    'deadline DEADLINE_EXCEEDED',
    'execute 5',
    'all [1, 2]',
    "pipe 1001 b'999'",
    "message b'hello'",
    'cleaned True',
  ]);
});

test('the example in JavaScript', async () => {
  await using server = await startInProcess([], { grpcPort: 'any' });
  const page = readFileSync(new URL('../docs/grpc.md', import.meta.url), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const client = new URL('../src/client/grpc/connect.ts', import.meta.url).href;
  const script = example
    .replace("'zippykv/client'", JSON.stringify(client))
    .replace('6381', `${portOf(server, 'gRPC')}`);
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe('hello\n[ 1, 2 ]\n');
});
