import stringWidth from "string-width";
import { expect, it } from "vitest";
import { clip, formatFields, formatTable, limitLines, wrap } from "./text-table.ts";

const COLUMNS = [
  { title: "ID", text: (row: { id: string }) => row.id },
  { title: "N", text: (row: { n: number }) => String(row.n), align: "right" },
  { title: "WORDS", text: (row: { words: string }) => row.words, flexible: "cut" },
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

it("puts the columns that a narrow terminal has no room for below each row, with their titles", () => {
  const columns = [...COLUMNS, { title: "", text: ({ n }: { n: number }) => (n > 5 ? "many" : "") }] as const;
  expect(formatTable(ROWS, columns, 12).split("\n")).toEqual([
    "ID      N",
    "a       5",
    "  WORDS",
    "  short",
    "bcd  1000",
    "  WORDS one",
    "  that is",
    "  much too",
    "  long for a",
    "  terminal ·",
    "  many",
  ]);
  expect(formatTable([{ id: "a", n: 1, words: "" }], columns, 8)).toBe("ID  N\na   1");
});

it("goes on in the next line where a column may wrap", () => {
  const [id, n, words] = COLUMNS;
  expect(
    formatTable(ROWS, [id, n, { ...words, flexible: "wrap" }], 30)
      .split("\n")
      .slice(2),
  ).toEqual(["bcd  1000  one that is much", "           too long for a", "           terminal"]);
});

it("keeps columns straight where characters are wide, joined, accented or coloured", () => {
  const words = ["受付センター大阪", "👩‍👩‍👧‍👦 équipe", "e\u0301cole 🇫🇷", "\u001b[31mred\u001b[39m"];
  const columns = [
    { title: "NAME", text: (row: string) => row, flexible: "cut" },
    { title: "END", text: () => "|" },
  ] as const;
  const lines = formatTable(words, columns, 17).split("\n").slice(1);
  expect(lines.map((line) => stringWidth(line))).toEqual([15, 15, 15, 15]);
  expect(lines[0]).toBe("受付センタ…   |");
});

it("cuts what is coloured without letting the colour run on", () => {
  const red = "\u001b[31mredder\u001b[39m";
  expect(clip(red, 6)).toBe(red);
  expect(clip(red, 4)).toBe("\u001b[31mred…\u001b[39m");
});

it("keeps a cell on its line, whatever it holds", () => {
  expect(formatTable([{ id: "a", n: 1, words: "two\nlines\tand a tab" }], COLUMNS).split("\n")[1]).toBe(
    "a   1  two lines and a tab",
  );
});

it("wraps words under an indent, and cuts a word that fits nowhere", () => {
  expect(wrap("say what is wrong and_then_a_word_that_is_too_long", 14, 2).split("\n")).toEqual([
    "say what is",
    "  wrong",
    "  and_then_a_w",
    "  ord_that_is_",
    "  too_long",
  ]);
});

it("keeps the first lines of a text that is too long for a terminal, and says that there are more", () => {
  expect(limitLines("a\nb\nc", 3)).toBe("a\nb\nc");
  expect(limitLines("a\nb\nc", 2)).toBe("a\n…");
  expect(limitLines("a\nb\nc", -4)).toBe("a\n…");
});

it("leaves out the fields that are not there", () => {
  expect(formatFields({ contact: "1", "shared id": undefined, status: "dead" })).toBe("contact  1\nstatus   dead");
});
