/** Bars in a terminal, drawn over those drawn before; their scale follows the largest that is shown. */

export interface Bar {
  readonly ms: number;
}

const rows = 8;
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const scaleChars = 10;

/** The lines that a plot takes, its title included. */
export const plotLines = rows + 1;

/** The text that draws the last bars in place of the plot above the cursor. */
export function drawPlot(bars: readonly Bar[], columns: number, title: string): string {
  const shown = bars.slice(-Math.max(1, columns - scaleChars - 1));
  const mostMs = Math.max(...shown.map(({ ms }) => ms), Number.MIN_VALUE);
  const lines = Array.from({ length: rows }, (_, row) => {
    const floor = rows - 1 - row;
    const scale = row === 0 ? `${mostMs.toFixed(2)} ms` : row === rows - 1 ? '0 ms' : '';
    const cells = shown.map(({ ms }) => cell((ms / mostMs) * rows - floor));
    return `${scale.padStart(scaleChars)} ${cells.join('')}`;
  });
  const text = [...lines, title.slice(0, columns)].map((line) => `\x1b[2K${line}\n`).join('');
  return `\x1b[${plotLines}A${text}`;
}

/** A character that is filled from below by this much of its height. */
function cell(part: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * (eighths.length - 1));
  return eighths[filled] ?? ' ';
}
