import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { ADMIN_KEY, redisUrl, useRedis } from "../testing/world.ts";

useRedis();

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--conditions=@baton/source", MAIN], {
    env: { PATH: process.env.PATH, BATON_ADMIN_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** urlOf reads the log until it says where the process listens. */
async function urlOf(child: ReturnType<typeof run>): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error("it never listened");
}

it("listens, says where, and leaves with 0 on SIGTERM", async () => {
  const env = {
    BATON_REDIS_URL: redisUrl(),
    BATON_NAMESPACE: "main-test",
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: ADMIN_KEY,
  };
  const child = run(env);
  const url = await urlOf(child);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

it("starts while Redis is away, answers 503, and still leaves with 0", async () => {
  const env = {
    BATON_REDIS_URL: "redis://127.0.0.1:1",
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: ADMIN_KEY,
  };
  const child = run(env);
  const url = await urlOf(child);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/admin/v1/overview`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).status).toBe(
    503,
  );
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

it("exits 78 on a configuration that is not valid, and names every fault", async () => {
  const child = run({ BATON_KEYRING: "planted" });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(code).toBe(78);
  for (const name of ["BATON_REDIS_URL", "BATON_KEYRING", "BATON_ADMIN_KEY"]) expect(stderr).toContain(name);
  expect(stderr).not.toContain("planted");
});
