import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openTestRedis, setup } from "../testing/space.ts";
import { isUnavailable } from "./redis.ts";
import { answered, createScript, list, NoAnswer, number, text } from "./script.ts";

const scripts = readdirSync(new URL("./scripts", import.meta.url)).filter((file) => file.endsWith(".lua"));

it.each(scripts)("%s is understood by Redis with all that it includes", async (file) => {
  const { redis, tag } = await setup();
  const script = createScript<object>(file.replace(/\.lua$/, ""));
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
  const read = (path: string) => readFileSync(new URL(`./scripts/${path}`, import.meta.url), "utf8");
  const source = read(file)
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

it("says which file is missing where a script does not exist", () => {
  expect(() => createScript("no-such-script")).toThrow(/no-such-script\.lua/);
});

it("waits no longer than its time for a command that is never answered, and calls that an outage", async () => {
  const silence = await answered(new Promise<never>(() => undefined)).catch((error: unknown) => error);
  expect(silence).toBeInstanceOf(NoAnswer);
  expect(isUnavailable(silence)).toBe(true);
});

it("reads an answer that lay in the socket while the process itself stood still", async () => {
  const redis = await openTestRedis();
  const asked = answered(redis.ping());
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  expect(await asked).toBe("PONG");
});

it("takes its own slowness for no outage, for as long as Redis answers others", async () => {
  const redis = await openTestRedis();
  const waiting = answered(
    new Promise((resolve) => {
      const turn = async (left: number): Promise<void> => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        await answered(redis.ping());
        if (left === 0) resolve("read at last");
        else setImmediate(() => void turn(left - 1));
      };
      setImmediate(() => void turn(5));
    }),
  );
  expect(await waiting).toBe("read at last");
});

it("finds a Redis that says nothing out as soon on a busy process", async () => {
  let turns = 0;
  const busy = setInterval(() => {
    turns += 1;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }, 0);
  const silence = await answered(new Promise<never>(() => undefined)).catch((error: unknown) => error);
  clearInterval(busy);
  expect(silence).toBeInstanceOf(NoAnswer);
  // 800 ms hold eight turns of 100 ms; then come the one in which the time runs out, and the time to catch up.
  expect(turns).toBeLessThanOrEqual(12);
});

it("throws what Redis answered, not that it did not answer", async () => {
  const redis = await openTestRedis();
  const refused = await answered(redis.call("NO-SUCH-COMMAND")).catch((error: unknown) => error);
  expect(isUnavailable(refused)).toBe(false);
});

it("reads the members of a reply, also those that are not there", () => {
  const reply = ["text", 7, "1.5", null, ["nested"]] as const;
  expect([text(reply, 0), text(reply, 1), text(reply, 3), text(reply, 9)]).toEqual(["text", "7", "", ""]);
  expect([number(reply, 1), number(reply, 2), number(reply, 9)]).toEqual([7, 1.5, Number.NaN]);
  expect([list(reply, 4), list(reply, 0), list(reply, 9)]).toEqual([["nested"], [], []]);
});
