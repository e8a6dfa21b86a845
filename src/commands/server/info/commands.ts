/** INFO: how often each command and each error was, and how long commands took. */
import type { Command } from '../../command.ts';
import type { CommandTable } from '../../command-table.ts';
import type { Context } from '../../context.ts';
import type { Field, Section } from './section.ts';

/** Every command and every subcommand. */
export function* everyCommand(commands: CommandTable): Iterable<Command> {
  for (const command of commands.all()) {
    yield command;
    yield* command.subcommands.values();
  }
}

export const commandStatsSection: Section = {
  name: 'commandstats',
  title: 'Commandstats',
  isDefault: false,
  *fields({ services: { commands } }: Context): Iterable<Field> {
    for (const { fullName, stats } of everyCommand(commands)) {
      const { calls, usec, rejected, failed } = stats;
      if (calls === 0 && rejected === 0 && failed === 0) continue;
      const perCall = calls === 0 ? 0 : usec / calls;
      yield [
        `cmdstat_${fullName}`,
        `calls=${calls},usec=${Math.round(usec)},usec_per_call=${perCall.toFixed(2)},` +
          `rejected_calls=${rejected},failed_calls=${failed}`,
      ];
    }
  },
};

export const errorStatsSection: Section = {
  name: 'errorstats',
  title: 'Errorstats',
  isDefault: true,
  *fields({ services: { stats } }: Context): Iterable<Field> {
    for (const [code, count] of [...stats.errors].sort()) {
      yield [`errorstat_${code}`, `count=${count}`];
    }
  },
};

export const latencyStatsSection: Section = {
  name: 'latencystats',
  title: 'Latencystats',
  isDefault: false,
  *fields({ services: { commands, histograms, config } }: Context): Iterable<Field> {
    const percentiles = config.get('latency-tracking-info-percentiles');
    for (const command of everyCommand(commands)) {
      const histogram = histograms.get(command);
      if (histogram === undefined) continue;
      const values = percentiles.map(
        (percentile) => `p${percentile}=${(histogram.percentileNs(percentile) / 1000).toFixed(3)}`,
      );
      yield [`latency_percentiles_usec_${command.fullName}`, values.join(',')];
    }
  },
};
