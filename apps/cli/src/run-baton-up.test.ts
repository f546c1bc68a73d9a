import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it, onTestFinished } from "vitest";
import { startBaton } from "../testing/run-baton.ts";

const ENV = {
  BATON_INGRESS_PORT: "0",
  BATON_ADMIN_PORT: "0",
  BATON_WORKER_PORT: "0",
  BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
};

function setup() {
  const data = mkdtempSync(join(tmpdir(), "baton-test-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const start = () => startBaton(["up", "--data", data], { env: ENV });
  return { data, start };
}

it("keeps what it makes: keys, connectors and the data they open", async () => {
  const { data, start } = setup();
  const first = start();
  const [, adminUrl = ""] = await first.until(/^admin +(http:\S+)/m);
  const [, adminKey = ""] = await first.until(/^admin key +(ba_\w+)/m);
  expect(readFileSync(join(data, "admin-key"), "utf8").trim()).toBe(adminKey);
  const { id } = await createBatonClient({ adminUrl, adminKey }).createConnector({
    name: "Acme",
    accountId: "acme",
    projectId: "support-line",
    credentials: { clientId: "a", clientSecret: "b", accessKeyId: "c", accessKeySecret: "d" },
  });
  first.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);

  const second = start();
  const [, adminUrlNow = ""] = await second.until(/^admin +(http:\S+)/m);
  const { items } = await createBatonClient({ adminUrl: adminUrlNow, adminKey }).connectors();
  expect(items.map((connector) => connector.id)).toEqual([id]);
  second.kill("SIGTERM");
  const { stdout, stderr } = await second.ended;
  expect(`${stdout}${stderr}`).not.toContain(adminKey);
});

it("shares its data folder with no other process", async () => {
  const { data, start } = setup();
  await start().until(/^ingress +http/m);
  const { code, stderr } = await start().ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`another \`baton up\` uses ${data}`);
});

it("lists all ports in use together, once, and exits 78", async () => {
  const { data } = setup();
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const port = String((taken.address() as AddressInfo).port);
  const env = { ...ENV, BATON_INGRESS_PORT: port, BATON_ADMIN_PORT: port };
  const { code, stderr, stdout } = await startBaton(["up", "--data", data], { env }).ended;
  expect(code).toBe(78);
  expect(JSON.parse(stderr)).toMatchObject({
    name: "up",
    faults: [expect.stringContaining("BATON_ADMIN_PORT"), expect.stringContaining("BATON_INGRESS_PORT")],
  });
  expect(stdout).not.toContain("in use");
});

it("prints a link that signs its first visitor in to the console, without the key in it", async () => {
  const { start } = setup();
  const running = start();
  const [, adminKey = ""] = await running.until(/^admin key +(ba_\w+)/m);
  const [, admin = "", code = ""] = await running.until(/^sign in +(http:\S+)\/sign-in#code=(bc_\w+)/m);
  expect(code).not.toContain(adminKey.slice(3));
  const open = () =>
    fetch(`${admin}/admin/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
  const first = await open();
  expect([first.status, await first.json()]).toEqual([201, expect.objectContaining({ role: "admin" })]);
  expect((await open()).status).toBe(401);
  running.kill("SIGTERM");
  await running.ended;
});
