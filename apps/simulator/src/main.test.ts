import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

function run(env: Record<string, string>) {
  return spawn(process.execPath, ["--conditions=@baton/source", MAIN], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

it("listens, says where, and leaves with 0 on SIGTERM, also with a request that hangs", async () => {
  const child = run({ BATON_SIMULATOR_PORT: "0" });
  const lines = createInterface({ input: child.stdout });
  let url: string | undefined;
  for await (const line of lines) {
    url = (JSON.parse(line) as { url?: string }).url;
    if (url !== undefined) break;
  }
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await fetch(`${url}/__sim/faults`, {
    method: "POST",
    body: JSON.stringify({ on: "discovery", fault: { hang: true } }),
  });
  const hanging = fetch(`${url}/.well-known/openid-configuration`).catch(() => "cut off");
  const ended = once(child, "exit");
  await expect
    .poll(async () => (await (await fetch(`${url}/__sim/faults`)).json()) as object)
    .toMatchObject({ items: [{ used: 1 }] });
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  expect(await hanging).toBe("cut off");
});

it("exits 78 on a port that is none, and names the variable", async () => {
  const child = run({ BATON_SIMULATOR_PORT: "many" });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(code).toBe(78);
  expect(stderr).toContain("BATON_SIMULATOR_PORT");
});
