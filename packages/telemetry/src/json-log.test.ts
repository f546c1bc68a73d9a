import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { createLog, type LogLevel } from "./json-log.ts";

function setup(level: LogLevel = "info") {
  const lines: string[] = [];
  const log = createLog({ name: "test", level, destination: { write: (line) => lines.push(line) } });
  return { log, text: () => lines.join(""), first: () => JSON.parse(lines[0] ?? "{}") };
}

it("writes one line of JSON with time, level, process and message", () => {
  const { log, first } = setup();
  log.debug({}, "too fine");
  log.info({ handoffId: "ho_1", durationMs: 3.5, at: new Date(0), none: undefined }, "attempt");
  expect(first()).toMatchObject({
    level: "info",
    name: "test",
    handoffId: "ho_1",
    durationMs: 3.5,
    at: "1970-01-01T00:00:00.000Z",
    msg: "attempt",
  });
  expect(first().time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

it("shows an error's kind, message, code and causes, and nothing that a library hung on it", () => {
  const { log, text, first } = setup();
  const request = { headers: { Authorization: "planted-1" } };
  const cause = Object.assign(new TypeError("refused"), { code: "ECONNREFUSED", request });
  const error = Object.assign(new Error("no answer", { cause }), {
    config: request,
    response: request,
    command: { args: ["planted-2"] },
  });
  log.error(
    {
      err: error,
      other: Object.assign(new Error("x"), { config: request }),
      list: [new AggregateError([error], "both")],
    },
    "broke",
  );
  expect(first().err).toMatchObject({
    type: "Error",
    message: "no answer",
    cause: { type: "TypeError", code: "ECONNREFUSED" },
  });
  expect(first().list[0].errors[0].message).toBe("no answer");
  expect(text()).not.toContain("planted");
});

it("shows an error that is logged by itself just so", () => {
  const { log, text, first } = setup();
  log.error(Object.assign(new Error("no answer"), { config: "planted" }), "broke");
  expect(first().err.message).toBe("no answer");
  expect(text()).not.toContain("planted");
});

it("empties secret fields at any depth, and bytes", () => {
  const { log, text } = setup();
  log.info(
    {
      params: { p1: "planted" },
      a: { clientSecret: "planted", b: [{ Authorization: "planted" }] },
      sealed: Buffer.from("planted"),
    },
    "x",
  );
  expect(text()).not.toContain("planted");
  expect(text()).toContain("[redacted]");
});

it.each(["bt", "bk", "ba", "bs", "bc"])("hides %s_ tokens wherever they stand, and stays JSON", (prefix) => {
  const { log, text, first } = setup();
  const token = `${prefix}_0123456789ABCDEF_${"Z".repeat(52)}`;
  log.warn(
    { note: `"${token}"`, header: `Bearer ${token}`, url: "redis://user:planted@db:6379/0" },
    `unknown ${token}`,
  );
  log
    .child({ token })
    .error({ err: new Error("ERR unknown command 'X', with args beginning with: 'planted' \"planted\"") }, "redis");
  expect(text()).not.toMatch(/ZZZZ|:planted|'planted/);
  expect(first()).toMatchObject({
    note: '"[redacted]"',
    header: "Bearer [redacted]",
    url: "redis://[redacted]@db:6379/0",
    msg: "unknown [redacted]",
  });
});

it.each([
  ["a token", `BT_0123456789ABCDEF_${"planted".repeat(3)}`],
  ["a JSON web token", "eyJplanted0"],
  ["an Authorization", "basic planted=="],
  ["a password in an address", "redis://user:planted@db"],
  ["what Redis repeats", "with args beginning with: 'planted'"],
])("hides %s that stands alone in its line", (_, secret) => {
  const { log, text } = setup();
  log.info({}, secret);
  expect(text()).toContain("[redacted]");
  expect(text()).not.toContain("planted");
});

it("hides tokens in long lines as quickly as in short ones", () => {
  const { log, first } = setup();
  log.info({ note: `${"-eyJ".repeat(50_000)} eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln` }, "x");
  expect(first().note).toBe("-[redacted] [redacted]");
});

it("logs the trace's id beside a traceparent", () => {
  const { log, first } = setup();
  log.info({ traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" }, "attempt");
  expect(first().traceId).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
});

it("writes gathered lines to stdout soon, and does not wait for the disk", async () => {
  const program = `
    import fs from "node:fs";
    import { createLog } from ${JSON.stringify(new URL("json-log.ts", import.meta.url).href)};
    let asked = 0;
    fs.fsyncSync = () => void asked++;
    createLog({ name: "test", level: "info" }).info("one");
    process.stdin.once("data", () => process.stderr.write("asked " + asked)).resume();
  `;
  const args = ["--conditions=@baton/source", "--input-type=module", "--eval", program];
  const child = spawn(process.execPath, args);
  // The process goes on, so that the line is not what its end wrote.
  const [line] = await once(child.stdout, "data");
  child.stdin.write("how often?");
  const [answer] = await once(child.stderr, "data");
  child.kill("SIGKILL");
  expect(JSON.parse(String(line))).toMatchObject({ msg: "one" });
  expect(String(answer)).toBe("asked 0");
});
