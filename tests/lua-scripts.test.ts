/** Every Lua script of every package: Redis understands it, and it calls only what it includes. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createScript } from "@baton/redis/script";
import { expect, it } from "vitest";
import { setup } from "../packages/handoffs/testing/space.ts";

const PACKAGES = join(import.meta.dirname, "../packages");
const scripts = globSync("*/src/scripts/*.lua", { cwd: PACKAGES });

it.each(scripts)("%s is understood by Redis with all that it includes", async (file) => {
  const { redis, tag } = await setup();
  const dirname = join(PACKAGES, file, "../..");
  const script = createScript<object>({ dirname }, basename(file, ".lua"));
  // Without arguments many stop early; but none may fail to compile, nor want a part that is not there.
  const fault = await script(redis, tag, {}).then(
    () => "",
    (error: Error) => error.message,
  );
  expect(fault).not.toMatch(/compiling|NOSCRIPT|nonexistent global/);
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

it.each(scripts)("%s calls no function that it has not included before", (file) => {
  const read = (path: string) => readFileSync(join(PACKAGES, file, "..", path), "utf8");
  const source = read(basename(file))
    .replaceAll(/^--- @include ([\w-]+)$/gm, (_, part: string) => read(`parts/${part}.lua`))
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll(/'[^'\n]*'/g, "''");
  const known = new Map<string, number>();
  for (const { 1: names = "", index } of source.matchAll(
    /(?:local function|local|for|function(?: \w+)?\s*\() ?((?:\w+\s*,\s*)*\w+)/g,
  )) {
    for (const name of names.split(/\s*,\s*/)) if (!known.has(name)) known.set(name, index);
  }
  const calls = [...source.matchAll(/(?<![.:\w])([a-z_]\w*)\s*\(/g)];
  const unknown = calls.filter(
    ({ 1: name = "", index }) => !KEYWORDS.has(name) && !GIVEN.has(name) && (known.get(name) ?? index) >= index,
  );
  expect(unknown.map(([, name]) => name)).toEqual([]);
});
