/**
 * Tables of text: columns as wide as what they hold, and lines that end where a terminal does.
 *
 * Widths, cuts and wraps are those of string-width, cli-truncate and wrap-ansi, which know colours and wide characters.
 * The layout is ours: cli-table3 and table need every width, and neither shrinks where the terminal is narrower.
 */
import { styleText } from "node:util";
import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Column shows one thing of each row. The text may carry colours. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: "right";
  /** Gives way first when the table is wider than the terminal: it is cut, or goes on in the next line. */
  readonly flexible?: "cut" | "wrap";
}

const GAP = "  ";
/** A flexible column keeps at least this many columns of the terminal. */
const MIN_COLUMN_WIDTH = 12;

/**
 * formatTable lays `rows` out under their titles, without a line break at the end. `width` is the terminal's; absent,
 * nothing is cut. Columns that a terminal has no room for follow below each row, each with its title.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const natural = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => stringWidth(row[index] ?? ""))),
  );
  const fitting = columns.slice(0, countFittingColumns(natural, columns, width));
  const widths = narrowColumns(natural.slice(0, fitting.length), fitting, width);
  const join = (texts: readonly string[]) =>
    texts
      .map((text, index) => pad(text, { width: widths[index] ?? 0, align: fitting[index]?.align }))
      .join(GAP)
      .trimEnd();
  const titles = fitting.map(({ title, align }, index) =>
    styleText("dim", pad(title, { width: widths[index] ?? 0, align })),
  );
  const lines = cells.flatMap((row) => [
    ...linesOfRow(row.slice(0, fitting.length), fitting, widths).map(join),
    ...linesBelowRow(row, columns, { from: fitting.length, width }),
  ]);
  return [titles.join(GAP).trimEnd(), ...lines].join("\n");
}

/** countFittingColumns says how many of the first columns a terminal has room for: one at the least. */
function countFittingColumns<Row>(natural: readonly number[], columns: readonly Column<Row>[], width: number): number {
  let used = -GAP.length;
  const missing = natural.findIndex((wanted, index) => {
    used += GAP.length + (columns[index]?.flexible === undefined ? wanted : Math.min(wanted, MIN_COLUMN_WIDTH));
    return used > width;
  });
  return missing === -1 ? natural.length : Math.max(1, missing);
}

/** linesBelowRow writes what a row has in the columns from `from` on, without those in which it has nothing. */
function linesBelowRow<Row>(
  row: readonly string[],
  columns: readonly Column<Row>[],
  { from, width }: { readonly from: number; readonly width: number },
): readonly string[] {
  const parts = columns.slice(from).flatMap(({ title }, index) => {
    const text = row[from + index] ?? "";
    if (text === "") return [];
    return title === "" ? [text] : [`${styleText("dim", title)} ${text}`];
  });
  return parts.length === 0 ? [] : [GAP + wrap(parts.join(" · "), width, GAP.length)];
}

/** formatFields lays names and values out in two columns; what is undefined is left out. */
export function formatFields(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${styleText("dim", name.padEnd(width))}${GAP}${value}`).join("\n");
}

/** clip shortens `text` to `width` columns of a terminal. */
export function clip(text: string, width: number): string {
  return cliTruncate(text, Math.max(0, width));
}

/** pad brings `text` to exactly `width` columns of a terminal. */
export function pad(
  text: string,
  { width, align }: { readonly width: number; readonly align?: "right" | undefined },
): string {
  const clipped = clip(text, width);
  const spaces = " ".repeat(Math.max(0, width - stringWidth(clipped)));
  return align === "right" ? spaces + clipped : clipped + spaces;
}

/**
 * wrap breaks `text` between words so that no line is wider than `width`; the lines after the first begin with `indent`
 * spaces.
 */
export function wrap(text: string, width: number, indent = 0): string {
  const [first = "", ...rest] = wrapAnsi(text, width - indent, { hard: true }).split("\n");
  return [first, ...rest.map((line) => " ".repeat(indent) + line)].join("\n");
}

/** limitLines shortens `text` to so many lines, of which the last says that there are more. */
export function limitLines(text: string, maxLines: number): string {
  const lines = text.split("\n");
  return lines.length <= maxLines ? text : [...lines.slice(0, Math.max(1, maxLines - 1)), "…"].join("\n");
}

/** linesOfRow gives the cells of every line that a row takes. */
function linesOfRow<Row>(
  row: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
): readonly (readonly string[])[] {
  const wrapped = row.map((text, index) =>
    columns[index]?.flexible === "wrap" ? wrap(text, widths[index] ?? Number.POSITIVE_INFINITY).split("\n") : [text],
  );
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => wrapped.map((lines) => lines[line] ?? ""));
}

function narrowColumns<Row>(
  natural: readonly number[],
  columns: readonly Column<Row>[],
  width: number,
): readonly number[] {
  let surplus = natural.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1) - width;
  return natural.map((wanted, index) => {
    if (surplus <= 0 || columns[index]?.flexible === undefined) return wanted;
    const given = Math.max(Math.min(wanted, MIN_COLUMN_WIDTH), wanted - surplus);
    surplus -= wanted - given;
    return given;
  });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
