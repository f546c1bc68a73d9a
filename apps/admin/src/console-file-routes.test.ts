import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createHttpServer, createMemoryLog } from "@baton/runtime";
import { expect, it, onTestFinished } from "vitest";
import { addConsoleRoutes } from "./console-file-routes.ts";

const PAGE = "<!doctype html><title>Baton</title>";
const HTML = { accept: "text/html,application/xhtml+xml" };

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), "baton-console-"));
  const app = createHttpServer({ log: createMemoryLog() });
  onTestFinished(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });
  await addConsoleRoutes(app, join(folder, "console"));
  app.post("/admin/v1/pause", async () => ({}));
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  function build() {
    mkdirSync(join(folder, "console", "assets"), { recursive: true });
    writeFileSync(join(folder, "console", "index.html"), PAGE);
    writeFileSync(join(folder, "console", "assets", "index-4f2a.js"), "export {};");
    writeFileSync(join(folder, "console", "icon.svg"), "<svg/>");
    writeFileSync(join(folder, "secret.txt"), "not the console's");
  }
  const get = (path: string, headers: Record<string, string> = HTML) => fetch(url + path, { headers });
  return { url, get, build };
}

it("says in words where no console was built, and serves it once it is", async () => {
  const { get, build } = await setup();
  const before = await get("/");
  expect([before.status, await before.text()]).toEqual([404, expect.stringContaining("not part of this build")]);
  build();
  expect(await (await get("/")).text()).toBe(PAGE);
});

it("serves its page under every address of its own, never stored, with nothing from elsewhere", async () => {
  const { get, build } = await setup();
  build();
  for (const path of ["/", "/dead-letters?cause=ca_1", "/handoffs/ho_1", "/sign-in"]) {
    const answer = await get(path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, PAGE]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  }
});

it("has files kept whose names change with their content, and others for an hour", async () => {
  const { get, build } = await setup();
  build();
  const asset = await get("/assets/index-4f2a.js", {});
  expect([asset.status, asset.headers.get("content-type"), asset.headers.get("cache-control")]).toEqual([
    200,
    expect.stringMatching(/javascript/),
    "public, max-age=31536000, immutable",
  ]);
  expect((await get("/icon.svg", {})).headers.get("cache-control")).toBe("public, max-age=3600");
});

it("answers what is neither page nor file as before: a problem, also for a client that asks for no page", async () => {
  const { url, get, build } = await setup();
  build();
  for (const [path, headers] of [
    ["/assets/index-gone.js", HTML],
    ["/admin/v2/overview", HTML],
    ["/handoffs/ho_1", {}],
    [`/admin/v1/handoffs/${"h".repeat(300)}`, {}],
  ] as const) {
    const answer = await get(path, headers);
    expect([path, answer.status, answer.headers.get("content-type")]).toEqual([
      path,
      404,
      expect.stringContaining("application/problem+json"),
    ]);
  }
  expect((await get("/admin/v1/pause")).status).toBe(405);
  expect((await fetch(`${url}/dead-letters`, { method: "POST" })).status).toBe(404);
});

it.each(["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/a%00b", `/${"a".repeat(5_000)}`])(
  "gives nothing from outside of its folder: %s",
  async (path) => {
    const { url, build } = await setup();
    build();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).not.toContain("not the console's");
    expect(answer).toMatch(/^HTTP\/1\.1 40[0-9]/);
  },
);
