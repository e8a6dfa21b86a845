/**
 * What is noted of each command beside its reply: the slow log, the latency monitor, histograms, hot keys and the feed
 * of MONITOR. The executor calls in here only where somebody wants to know; otherwise it costs a test of a boolean.
 */

import type { Command } from '#commands/command.ts';
import { keysOf } from '#commands/derive/key-specs.ts';
import { monitorLine, redactedWord } from '#commands/derive/redact.ts';
import type { Services } from '#commands/services.ts';
import { Histogram } from '#observe/histogram.ts';
import type { Session } from './session.ts';

/** Slow log thresholds below this want every command timed: constant time does not keep one below it. */
const timesAllBelowUsec = 1000;

export class Observation {
  /** Whether every command has to be timed, those of constant time too. */
  timesAll = false;
  private readonly services: Services;
  private slowerThanUsec = -1;
  private latencyThresholdMs = 0;
  private tracksLatency = true;

  constructor(services: Services) {
    this.services = services;
    const { config, slowLog } = services;
    const read = () => this.readConfig();
    const subscribe = (name: Parameters<typeof config.onChange>[0], apply: () => void) => {
      config.onChange(name, () => {
        apply();
        return undefined;
      });
    };
    subscribe('slowlog-log-slower-than', read);
    subscribe('latency-monitor-threshold', read);
    subscribe('latency-tracking', () => {
      read();
      if (!this.tracksLatency) services.histograms.clear();
    });
    subscribe('slowlog-max-len', () => slowLog.keepAtMost(Number(config.get('slowlog-max-len'))));
    subscribe('slowlog-entry-max-argc', () => {
      slowLog.wordsMax = config.get('slowlog-entry-max-argc');
    });
    read();
  }

  /** After a command that was timed; `calls` is how many it stands for. */
  timed(command: Command, session: Session, usec: number, calls: number): void {
    if (this.tracksLatency) this.histogramOf(command).record(usec * 1000, calls);
    if (this.slowerThanUsec >= 0 && usec >= this.slowerThanUsec && !command.hiddenFromSlowlog) {
      this.logSlow(command, session, usec);
    }
    if (this.latencyThresholdMs > 0 && usec >= this.latencyThresholdMs * 1000) {
      const event = command.facts.flags.includes('fast') ? 'fast-command' : 'command';
      const { latency, clock } = this.services;
      latency.record(event, Math.floor(usec / 1000), clock.nowMs());
    }
  }

  /** After a command, while somebody watches. */
  feedMonitors(command: Command, session: Session): void {
    if (command.hiddenFromMonitor) return;
    const { clients, clock } = this.services;
    const line = monitorLine(command, session, clock.nowMs());
    for (const { connection } of clients.monitors) {
      connection.outOfBand.status(line);
      connection.flush();
    }
  }

  /** After a command, while hot keys are being tracked; `bytes` are those of its request and its reply. */
  trackHotKeys(command: Command, session: Session, usec: number, bytes: number): void {
    const { hotKeys, host } = this.services;
    hotKeys.record(
      { usec: Math.round(usec), bytes },
      session.keyspace.nowMs,
      () => keysOf(command, session.request).map((at) => session.request.latin1(at)),
      host.processorUsage,
    );
  }

  private logSlow(command: Command, session: Session, usec: number): void {
    const { slowLog, clock } = this.services;
    const { client, request } = session;
    const slow = {
      wordCount: request.count,
      word: (index: number) => redactedWord(command, request, index),
      address: client.connection.remoteAddress,
      clientName: client.name,
    };
    slowLog.record(slow, usec, clock.nowMs());
  }

  private histogramOf(command: Command): Histogram {
    const { histograms } = this.services;
    const known = histograms.get(command);
    if (known !== undefined) return known;
    const histogram = new Histogram();
    histograms.set(command, histogram);
    return histogram;
  }

  private readConfig(): void {
    const { config } = this.services;
    this.slowerThanUsec = Number(config.get('slowlog-log-slower-than'));
    this.latencyThresholdMs = Number(config.get('latency-monitor-threshold'));
    this.tracksLatency = config.get('latency-tracking');
    const wantsFast = this.slowerThanUsec >= 0 && this.slowerThanUsec < timesAllBelowUsec;
    this.timesAll = wantsFast || this.latencyThresholdMs > 0;
  }
}
