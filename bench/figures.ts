// Tables with one column a server: a row is a figure that may be missing, and only the subject's has a target.

import { formatNumber, formatTable, type Metric, verdict } from './report.ts';

/** One row of such a table as one server has it: a metric whose value may be missing. */
export type Figure = Omit<Metric, 'value'> & {
  label: string;
  value: number | undefined;
  /** Why there is no value, where there could be one. */
  missing?: string | undefined;
};

/** Prints a column of figures for each server, the subject's first, and its verdicts. */
export function printFigures(names: string[], columns: Figure[][]): void {
  const rows = (columns[0] ?? []).map((subject, row) => [
    subject.label,
    ...columns.map((column) => formatNumber(column[row]?.value)),
    subject.missing ?? verdict(subject.value, subject.targetMax),
  ]);
  console.log(formatTable(['', ...names, 'target'], rows));
}

/** The metrics of all columns. The subject's keep their targets; a peer's are only there to be compared with. */
export function metricsOfFigures(columns: Figure[][]): Metric[] {
  return columns.flatMap((figures, column) =>
    figures.flatMap(({ name, value, unit, targetMax }) => {
      if (value === undefined) return [];
      if (column > 0) return [{ name: `${name}_peer`, value, unit }];
      return [{ name, value, unit, ...(targetMax === undefined ? {} : { targetMax }) }];
    }),
  );
}
