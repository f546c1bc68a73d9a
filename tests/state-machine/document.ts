/** docs/state-machine.md, read: its tables in plain text. */
import { readFileSync } from "node:fs";

const document = readFileSync(new URL("../../docs/state-machine.md", import.meta.url), "utf8");

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Cell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
}

/** tablesOf gives every table whose first column has this name. */
export function tablesOf(first: string): readonly Table[] {
  return (document.match(/(?:^\|.*\|\n)+/gm) ?? [])
    .map((table): Table => {
      const [head = [], _rule, ...rows] = table.trimEnd().split("\n").map(cellsOf);
      return { head, rows };
    })
    .filter(({ head }) => head[0] === first);
}

/** matrixOf gives all cells of these tables but their first column, which names the row. */
export function matrixOf(first: string): readonly Cell[] {
  return tablesOf(first).flatMap(({ head, rows }) =>
    rows.flatMap(([row = "", ...cells]) => cells.map((text, i) => ({ row, column: head[i + 1] ?? "", text }))),
  );
}

export function firstColumnOf(first: string): readonly string[] {
  return tablesOf(first).flatMap(({ rows }) => rows.map(([name = ""]) => name));
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.replaceAll("`", "").trim());
}
