/** A command is to start quickly: it loads what it needs, and what was compiled before. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
/** Writes to stderr where each module comes from. */
const TELLING = `data:text/javascript,import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => { console.error(url); return next(url, context); } });`;

it("loads no server, no queue and no YAML for a command that needs none, and keeps what it compiled", async () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-cache-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { ...process.env, XDG_CACHE_HOME: folder, NODE_COMPILE_CACHE: undefined };
  const args = ["--import", TELLING, "--conditions=@baton/source", MAIN, "keygen"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toMatch(/^k\w+:/);
  expect(stderr).toContain("/commander/");
  expect(stderr).not.toMatch(/\/node_modules\/(fastify|yaml|bullmq|ioredis|pino|undici)\//);
  expect(readdirSync(join(folder, "baton"))).toHaveLength(1);
});
