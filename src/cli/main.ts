#!/usr/bin/env node
import { Config } from '#config/config.ts';
import { parseCommandLine, parseConfig } from '#config/parse.ts';
import { systemClock } from '#platform/clock.ts';
import { NodeTransport } from '#platform/node-transport.ts';
import { systemRandom } from '#platform/random.ts';
import { startServer } from '#server/server.ts';

const commandLine = parseCommandLine(process.argv.slice(2));
const config = new Config({ workingDirectory: process.cwd() });
config.load(parseConfig([commandLine.flags], () => 'no include here'));
await startServer({
  config,
  clock: systemClock,
  random: systemRandom(),
  transport: new NodeTransport(),
});
