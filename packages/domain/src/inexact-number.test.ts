import fc from "fast-check";
import { expect, it } from "vitest";
import { findInexactNumberPaths, InexactNumber, markInexactNumbersInJson } from "./inexact-number.ts";

const read = (text: string) => markInexactNumbersInJson(text, JSON.parse(text));

it.each([
  "12345678901234567890",
  "-12345678901234567890",
  "9007199254740993",
  "9007199254740992.5",
  "1e999",
  "-1E999",
  "1e-400",
  "3.14159265358979323846",
  "1234567890123456789e2",
  `1${"0".repeat(400)}`,
])("marks %s, wherever it stands, as it was sent", (number) => {
  const marked = new InexactNumber(number);
  expect(read(`{"a":${number},"b":[1, ${number}\n],"c":{"d":[\t${number}]}}`)).toEqual({
    a: marked,
    b: [1, marked],
    c: { d: [marked] },
  });
});

it.each([
  "0",
  "-0",
  "1.50",
  "1e3",
  "1E+21",
  "0e999999999999999999999",
  "0.1000000000000000000",
  "0.10000000000000001",
  "2.2250738585072014E-308",
  "5e-324",
  "9007199254740991",
  "12345678901234500000",
  "1e23",
  "1.7976931348623157e308",
])("leaves %s alone: nothing of it is lost", (number) => {
  const text = `{"a":[${number}]}`;
  expect(read(text)).toEqual(JSON.parse(text));
});

it("says where they are", () => {
  const marked = read('{"a":1,"b":[null,1e999,{"c/d":12345678901234567890}],"e":"1e999"}');
  expect(findInexactNumberPaths(marked)).toEqual([
    ["b", 1],
    ["b", 2, "c/d"],
  ]);
});

it("leaves digits in text alone, and the parsed value itself where no number could be meant", () => {
  const text = '{"a":"12345678901234567890","b":", 12345678901234567890","c":1}';
  expect(read(text)).toEqual(JSON.parse(text));
  const parsed = { id: "0001e5", n: [1.25] };
  expect(markInexactNumbersInJson(JSON.stringify(parsed), parsed)).toBe(parsed);
});

it("marks no number that JavaScript wrote", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const text = `[${json}]`;
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

it("bears whatever is nested, and digits without end, in a moment", () => {
  const deep = `${"[".repeat(100_000)}1e999${"]".repeat(100_000)}`;
  expect(read(deep)).toBeInstanceOf(Array);
  const long = `[${"1".repeat(100_000)}]`;
  expect(read(long)).toEqual([new InexactNumber("1".repeat(100_000))]);
});
