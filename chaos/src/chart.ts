/** Charts: a Vega-Lite specification, drawn as SVG. The same specification gives the same text, byte for byte. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, View } from "vega";
import { type Config, compile, type TopLevelSpec } from "vega-lite";

export type { TopLevelSpec } from "vega-lite";

/** Chart is a drawing for a page; `caption` says in words what it shows, also to those who do not see it. */
export interface Chart {
  /** Its file below docs/images. */
  readonly file: string;
  readonly caption: string;
  readonly spec: TopLevelSpec;
}

/** White below, as the pages are read in light and dark. */
const CONFIG: Config = {
  background: "white",
  font: "Helvetica, Arial, sans-serif",
  view: { stroke: "#ddd" },
  axis: { gridColor: "#eee", labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", labelLimit: 320 },
  legend: { labelFontSize: 11, labelLimit: 0, title: null, orient: "top" },
  header: { labelFontSize: 11, title: null },
  range: {
    category: [
      "#0b6e99",
      "#d9730d",
      "#6940a5",
      "#448361",
      "#9b1c31",
      "#787774",
      "#b8860b",
      "#d44c8c",
      "#3b5bdb",
      "#0ca678",
    ],
  },
};

/** drawChart gives the SVG's text. */
export async function drawChart({ spec }: Chart): Promise<string> {
  const view = new View(parse(compile(spec, { config: CONFIG }).spec), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

/** writeCharts writes each below docs/images, and gives their paths. `root` is the repository's. */
export async function writeCharts(root: string, charts: readonly Chart[]): Promise<readonly string[]> {
  const folder = join(root, "docs/images");
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const chart of charts) {
    const path = join(folder, chart.file);
    writeFileSync(path, await drawChart(chart));
    paths.push(path);
  }
  return paths;
}

/** chartMarkdown is a chart's place in a page of docs. */
export function chartMarkdown({ file, caption }: Chart): string {
  return `![${caption}](images/${file})`;
}
