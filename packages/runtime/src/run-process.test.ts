import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

const runtime = JSON.stringify(new URL("./index.ts", import.meta.url).href);

/**
 * Runs a process whose `start` is `body`, and gives what it said and how it ended. Its log lines are `level message`.
 */
function startProcess(body: string, { drainMs = 0, shutdownMs = 10_000, before = "" } = {}) {
  const code = `
    import { ConfigurationFault, runProcess } from ${runtime};
    const write = (level: string) => (fields: object, message: string) => console.log(level + " " + message);
    const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
    ${before}
    const start = async (life: any) => { ${body} };
    await runProcess({ name: "test", log, start, drainMs: ${drainMs}, shutdownMs: ${shutdownMs} });`;
  const child = spawn(process.execPath, [
    "--conditions=@baton/source",
    "--input-type=module-typescript",
    "--eval",
    code,
  ]);
  const said: string[] = [];
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => said.push(line));
  const started = new Promise((resolve) => {
    lines.on("line", (line) => line === "info started" && resolve(line));
  });
  const ended = Promise.all([once(child, "exit"), once(lines, "close")]).then(([[code]]) => ({ code, said }));
  return { child, started, ended };
}

// Something open keeps a real process running; here a timer does.
const OPEN = `const open = setInterval(() => undefined, 1000); life.onClose("open", () => { clearInterval(open); console.log("closed, ready: " + !life.closing); });`;

it.each(["SIGTERM", "SIGINT"] as const)("drains, closes and exits 0 on %s, however often it comes", async (signal) => {
  const { child, started, ended } = startProcess(OPEN, { drainMs: 50 });
  await started;
  child.kill(signal);
  child.kill(signal);
  expect(await ended).toEqual({
    code: 0,
    said: ["info started", "info stopping", "closed, ready: false", "info stopped"],
  });
});

it("looks names up without the thread pool", async () => {
  const before = `const { default: dns } = await import("node:dns"); const own = dns.lookup;`;
  const { child, started, ended } = startProcess(`${OPEN} console.log(dns.lookup === own);`, { before });
  await started;
  child.kill("SIGTERM");
  expect((await ended).said[0]).toBe("false");
});

it("exits 1 when something does not close within the shutdown time", async () => {
  const { child, started, ended } = startProcess(`${OPEN} life.onClose("stuck", () => new Promise(() => undefined));`, {
    shutdownMs: 100,
  });
  await started;
  child.kill("SIGTERM");
  expect((await ended).code).toBe(1);
});

it("closes what it had opened and exits 1 when it cannot start", async () => {
  const { ended } = startProcess(`${OPEN} throw new Error("no Redis");`);
  expect(await ended).toEqual({ code: 1, said: ["error did not start", "closed, ready: false", "info stopped"] });
});

it("exits 78 and says once what would be accepted when its configuration turns out wrong while it starts", async () => {
  const { child, ended } = startProcess(`${OPEN} throw new ConfigurationFault(["this Redis evicts; set noeviction"]);`);
  const complaint = once(child.stderr, "data");
  expect(JSON.parse(String(await complaint))).toMatchObject({
    name: "test",
    faults: ["this Redis evicts; set noeviction"],
  });
  expect(await ended).toEqual({ code: 78, said: ["closed, ready: false", "info stopped"] });
});

it("stops while it is still starting", async () => {
  const { child, ended } = startProcess(`${OPEN} console.log("opening"); await new Promise(() => undefined);`);
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({
    code: 0,
    said: ["opening", "info stopping", "closed, ready: false", "info stopped"],
  });
});
