import type { Role } from "@baton/domain";
import { createHttpServer, createMemoryLog, type HttpServer } from "@baton/runtime";
import { expect, it, onTestFinished } from "vitest";
import { guardRoutes } from "./guard.ts";

async function setup(role: Role) {
  const app = createHttpServer({ log: createMemoryLog() });
  onTestFinished(() => app.close());
  await app.register(async (scope: HttpServer) => {
    guardRoutes(scope, async () => ({ id: "key-1", name: "Ana", role }));
    scope.get("/admin/v1/overview", async () => ({}));
    scope.post("/admin/v1/dead-letters/:id/replay", async () => ({}));
    scope.post("/admin/v1/connectors", async () => ({}));
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const status = async (method: string, path: string) => (await fetch(url + path, { method })).status;
  return { url, status };
}

it.each([
  ["viewer", [200, 200, 403, 403]],
  ["operator", [200, 200, 200, 403]],
  ["admin", [200, 200, 200, 200]],
] as const)("lets a %s read, replay, and change connectors as the contract says", async (role, expected) => {
  const { status } = await setup(role);
  const got = [
    await status("GET", "/admin/v1/overview"),
    await status("HEAD", "/admin/v1/overview"),
    await status("POST", "/admin/v1/dead-letters/ho_1/replay"),
    await status("POST", "/admin/v1/connectors"),
  ];
  expect(got).toEqual(expected);
});

it("says which role is too low, and which one would do", async () => {
  const { url } = await setup("viewer");
  const answer = await fetch(`${url}/admin/v1/connectors`, { method: "POST" });
  expect(await answer.json()).toMatchObject({
    type: "urn:baton:problem:forbidden",
    detail: "this key's role is viewer; the route takes admin",
  });
});

it("takes no route that has no role", async () => {
  const app = createHttpServer({ log: createMemoryLog() });
  onTestFinished(() => app.close());
  const registered = app.register(async (scope: HttpServer) => {
    guardRoutes(scope, async () => ({ id: "key-1", name: "Ana", role: "admin" }));
    scope.get("/admin/v1/secrets", async () => ({}));
  });
  await expect(async () => await registered).rejects.toThrow("GET /admin/v1/secrets has no role");
});
