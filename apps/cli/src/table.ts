/** Tables of text: columns as wide as what they hold, clipped where a terminal is narrower. */
import { stripVTControlCharacters, styleText } from "node:util";

/** Column shows one thing of each row. The text may carry colours. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: "right";
  /** Gives way first when the table is wider than the terminal. */
  readonly flexible?: true;
}

const GAP = "  ";
/** A flexible column keeps at least this many characters. */
const NARROWEST = 12;

/** formatTable lays `rows` out under their titles, without a line break at the end. `width` is the terminal's; absent, nothing is clipped. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width = Number.POSITIVE_INFINITY): string {
  const cells = rows.map((row) => columns.map((column) => column.text(row)));
  const natural = columns.map((column, index) => Math.max(column.title.length, ...cells.map((row) => widthOf(row[index] ?? ""))));
  const widths = narrow(natural, columns, width);
  const line = (texts: readonly string[]) =>
    columns
      .map((column, index) => pad(texts[index] ?? "", { width: widths[index] ?? 0, align: column.align }))
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title, align }, index) => styleText("dim", pad(title, { width: widths[index] ?? 0, align }))).join(GAP);
  return [titles.trimEnd(), ...cells.map(line)].join("\n");
}

/** formatFields lays names and values out in two columns; what is undefined is left out. */
export function formatFields(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${styleText("dim", name.padEnd(width))}${GAP}${value}`).join("\n");
}

/** widthOf counts characters as a terminal shows them, colours not counted. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** clip shortens `text` to `width` characters; a coloured text loses its colour where it is cut. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return `${[...stripVTControlCharacters(text)].slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** pad brings `text` to exactly `width` characters. */
export function pad(text: string, { width, align }: { readonly width: number; readonly align?: "right" | undefined }): string {
  const clipped = clip(text, width);
  const spaces = " ".repeat(Math.max(0, width - widthOf(clipped)));
  return align === "right" ? spaces + clipped : clipped + spaces;
}

function narrow<Row>(natural: readonly number[], columns: readonly Column<Row>[], width: number): readonly number[] {
  let surplus = natural.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1) - width;
  return natural.map((wanted, index) => {
    if (surplus <= 0 || columns[index]?.flexible !== true) return wanted;
    const given = Math.max(Math.min(wanted, NARROWEST), wanted - surplus);
    surplus -= wanted - given;
    return given;
  });
}
