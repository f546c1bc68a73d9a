import { InvalidArgumentError } from "commander";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { formatTimeFromNow, readInstant } from "./parse-and-format-instants.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-29T12:00:00.000Z"), toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it.each([
  ["1h", "2026-11-29T11:00:00.000Z"],
  ["30d", "2026-10-30T12:00:00.000Z"],
  ["2026-11-29", "2026-11-29T00:00:00.000Z"],
  ["2026-11-29T10:00:00Z", "2026-11-29T10:00:00.000Z"],
  ["2026-11-29T10:00:00.25+01:00", "2026-11-29T09:00:00.250Z"],
  ["2026-11-29t10:00:00z", "2026-11-29T10:00:00.000Z"],
])("reads %s as %s", (text, at) => {
  expect(readInstant(text)).toBe(at);
});

it.each(["yesterday", "2026-02-30", "2026-11-29T10:00:00", "10:00", "1 h", "", "-1h"])(
  "refuses %j, and says what it takes",
  (text) => {
    expect(() => readInstant(text)).toThrow(InvalidArgumentError);
    expect(() => readInstant(text)).toThrow("1h");
  },
);

it.each([
  ["2026-11-29T12:00:00.000Z", "just now"],
  ["2026-11-29T11:59:48.000Z", "12 s ago"],
  ["2026-11-29T11:56:01.000Z", "3 min ago"],
  ["2026-11-29T09:00:00.000Z", "3 h ago"],
  ["2026-11-26T13:00:00.000Z", "2 d ago"],
  ["2026-11-29T12:00:30.000Z", "in 30 s"],
])("says of %s: %s", (at, distance) => {
  expect(formatTimeFromNow(at)).toBe(distance);
});
