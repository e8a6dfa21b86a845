/** Types for a package for tests that has none. */
declare module 'parse-prometheus-text-format' {
  interface ParsedMetric {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value?: string;
  }
  interface ParsedFamily {
    readonly name: string;
    readonly type: string;
    readonly metrics: readonly ParsedMetric[];
  }
  // biome-ignore lint/style/noDefaultExport: it is what the package exports
  export default function parse(text: string): readonly ParsedFamily[];
}
