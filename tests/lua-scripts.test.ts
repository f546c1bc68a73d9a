/** Every Lua script of every package: Redis understands it, and it calls only what it includes. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createLuaScript, readLuaSource } from "@baton/redis/lua-script";
import { expect, it } from "vitest";
import { setup } from "../packages/handoffs/testing/space.ts";

const PACKAGES = join(import.meta.dirname, "../packages");
const scripts = globSync("*/src/scripts/*.lua", { cwd: PACKAGES });

it("are at most forty without their parts: each is a step that must be whole", () => {
  expect(scripts.length).toBeGreaterThan(20);
  expect(scripts.length).toBeLessThanOrEqual(40);
});

it.each(scripts)("%s is understood by Redis with all that it includes", async (file) => {
  const { redis, tag } = await setup();
  const dirname = join(PACKAGES, file, "../..");
  const script = createLuaScript({ dirname }, basename(file, ".lua"));
  // Without arguments many stop early; but none may fail to compile, nor want a part that is not there.
  const fault = await script(redis, tag, {}).then(
    () => "",
    (error: Error) => error.message,
  );
  expect(fault).not.toMatch(/compiling|NOSCRIPT|nonexistent global/);
});

it.each(scripts)("%s says what it takes, what it replies, and what running it again does", (file) => {
  const source = readFileSync(join(PACKAGES, file), "utf8");
  const header = /^(?:#!lua.*\n)?((?:--(?!-).*\n)+)/.exec(source)?.[1] ?? "";
  expect(header).toMatch(
    new RegExp(
      `^-- ${basename(file, ".lua")} [\\s\\S]*\n--\n-- (?:args|ARGV): [\\s\\S]*\n-- replies: [\\s\\S]*\n-- Run again: `,
    ),
  );
});

it.each(globSync("*/src/scripts/**/*.lua", { cwd: PACKAGES }))("%s has no line of over 120 characters", (file) => {
  const lines = readFileSync(join(PACKAGES, file), "utf8").split("\n");
  expect(lines.filter((line) => [...line].length > 120)).toEqual([]);
});

/** What Lua and Redis give every script. */
const GIVEN = new Set([
  "error",
  "ipairs",
  "next",
  "pairs",
  "pcall",
  "select",
  "tonumber",
  "tostring",
  "type",
  "unpack",
]);
const KEYWORDS = new Set(["and", "elseif", "function", "if", "in", "not", "or", "return", "until", "while"]);

/** Words of the language, and what Redis and Lua give beside functions. */
const WORDS = new Set([
  ...KEYWORDS,
  "break",
  "do",
  "else",
  "end",
  "false",
  "for",
  "local",
  "nil",
  "repeat",
  "then",
  "true",
  "ARGV",
  "KEYS",
  "bit",
  "cjson",
  "cmsgpack",
  "math",
  "redis",
  "string",
  "table",
]);

/** sourceOf gives a script with all that it includes, without comments and strings. */
function sourceOf(file: string): string {
  return readLuaSource(join(PACKAGES, file, "../.."), basename(file, ".lua"))
    .replaceAll(/^#!.*$/gm, "")
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll(/'[^'\n]*'/g, "''");
}

/** declaredIn gives what a script declares, with where it does so first. */
function declaredIn(source: string): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  const declarations = /(?:local function|local(?! function)|for) ((?:\w+\s*,\s*)*\w+)/g;
  const parameters = /function(?: \w+)?\s*\(([^)]*)\)/g;
  for (const pattern of [declarations, parameters]) {
    for (const { 1: names = "", index } of source.matchAll(pattern)) {
      for (const name of names.split(/\s*,\s*/)) if (!known.has(name)) known.set(name, index);
    }
  }
  return known;
}

it.each(scripts)("%s calls no function that it has not included before", (file) => {
  const source = sourceOf(file);
  const known = declaredIn(source);
  const calls = [...source.matchAll(/(?<![.:\w])([a-z_]\w*)\s*\(/g)];
  const unknown = calls.filter(
    ({ 1: name = "", index }) => !KEYWORDS.has(name) && !GIVEN.has(name) && (known.get(name) ?? index) >= index,
  );
  expect(unknown.map(([, name]) => name)).toEqual([]);
});

it.each(scripts)("%s reads no variable that nothing declares", (file) => {
  const source = sourceOf(file);
  const known = declaredIn(source);
  // What stands before a single = is assigned to, or names a member of a table.
  const read = [...source.matchAll(/(?<![.:\w])([A-Za-z_]\w*)\b(?!\s*=[^=])/g)].map(([, name = ""]) => name);
  const unknown = read.filter((name) => !WORDS.has(name) && !GIVEN.has(name) && !known.has(name));
  expect([...new Set(unknown)]).toEqual([]);
});
