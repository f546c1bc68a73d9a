/** Section: what one part of the bench gives to its reader. */

/** PartOptions: `smoke` asks for the least that still goes through everything. */
export interface PartOptions {
  readonly turns: number;
  readonly seconds: number;
  readonly smoke: boolean;
  /** Of a run; as many as usual unless said. */
  readonly items?: number;
  readonly say: (line: string) => void;
}

/** Target is one promise of speed, and what became of it. */
export interface Target {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Section {
  readonly title: string;
  /** Markdown: how it was measured, and the figures. */
  readonly text: string;
  readonly targets: readonly Target[];
  /** Why the figures are void; empty where everything that was accepted arrived exactly once. */
  readonly faults: readonly string[];
  /** Everything, for machines. */
  readonly figures: object;
}

/** atMost compares a figure with the most that it may be. */
export function atMost(
  what: string,
  value: number,
  { limit, unit }: { readonly limit: number; readonly unit: string },
): Target {
  return { what, asked: `≤ ${limit}${unit}`, measured: `${rounded(value)}${unit}`, met: value <= limit };
}

export function atLeast(
  what: string,
  value: number,
  { limit, unit }: { readonly limit: number; readonly unit: string },
): Target {
  return { what, asked: `≥ ${limit}${unit}`, measured: `${rounded(value)}${unit}`, met: value >= limit };
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** markdownTable writes a Markdown table; the first row is its head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
