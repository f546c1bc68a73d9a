import { expect, it } from "vitest";
import { clip, formatFields, formatTable } from "./table.ts";

const COLUMNS = [
  { title: "ID", text: (row: { id: string }) => row.id },
  { title: "N", text: (row: { n: number }) => String(row.n), align: "right" },
  { title: "WORDS", text: (row: { words: string }) => row.words, flexible: true },
] as const;
const ROWS = [
  { id: "a", n: 5, words: "short" },
  { id: "bcd", n: 1_000, words: "one that is much too long for a terminal" },
];

it("makes every column as wide as what it holds", () => {
  expect(formatTable(ROWS, COLUMNS).split("\n")).toEqual([
    "ID      N  WORDS",
    "a       5  short",
    "bcd  1000  one that is much too long for a terminal",
  ]);
});

it("shortens only the flexible column of a table that is wider than the terminal", () => {
  expect(formatTable(ROWS, COLUMNS, 30).split("\n").at(-1)).toBe("bcd  1000  one that is much t…");
});

it("counts no colours when it measures", () => {
  const red = "\u001b[31mred\u001b[39m";
  expect(clip(red, 3)).toBe(red);
  expect(clip(red, 2)).toBe("r…");
});

it("leaves out the fields that are not there", () => {
  expect(formatFields({ contact: "1", "shared id": undefined, status: "dead" })).toBe("contact  1\nstatus   dead");
});
