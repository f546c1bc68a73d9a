import type { Role } from "@baton/domain";
import type { AuditEnd, NewAuditEntry } from "@baton/registry/audit-store";
import type { RefusalAuditSample } from "@baton/registry/refusal-audit-sampler";
import { createHttpServer, createMemoryLog, type HttpServer } from "@baton/runtime";
import cookies from "@fastify/cookie";
import { expect, it, onTestFinished } from "vitest";
import { guardAndAuditRoutes } from "./route-guard.ts";

interface Options {
  readonly role?: Role;
  /** What the audit says to a new entry. */
  readonly write?: () => void;
  readonly addRoutes?: (scope: HttpServer) => void;
}

const WITH_KEY = { authorization: "Bearer ba_ana" };

async function setup({ role = "admin", write = () => undefined, addRoutes = () => undefined }: Options = {}) {
  /** What happened, in order. */
  const done: (["write", NewAuditEntry] | ["settle", AuditEnd] | ["change"])[] = [];
  const notices: RefusalAuditSample[] = [];
  const log = createMemoryLog();
  const app = createHttpServer({ log });
  await app.register(cookies);
  onTestFinished(() => app.close());
  await app.register(async (scope: HttpServer) => {
    guardAndAuditRoutes(scope, {
      authenticate: async () => ({ id: "key-1", name: "Ana", role }),
      audit: {
        async write(entry) {
          write();
          done.push(["write", entry]);
          return "au_1";
        },
        async settle(_, end) {
          done.push(["settle", end]);
        },
      },
      auditSampler: { note: (notice) => notices.push(notice) },
      isRepeated: async () => false,
      now: () => 1_000,
    });
    scope.get("/admin/v1/overview", async () => ({}));
    scope.post("/admin/v1/dead-letters/:id/replay", async () => {
      done.push(["change"]);
      return {};
    });
    scope.post("/admin/v1/connectors", async () => ({}));
    scope.post("/admin/v1/handoffs/:id/cancel", async () => {
      throw new Error("the pump is broken");
    });
    for (const path of ["/admin/v1/connectors/:id/tokens/:tokenId", "/admin/v1/keys/:id"]) {
      scope.delete(path, async ({ facts, params }) => {
        facts.params = params;
      });
    }
    addRoutes(scope);
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const status = async (method: string, path: string) =>
    (await fetch(url + path, { method, headers: WITH_KEY })).status;
  return { url, status, log, done, notices };
}

it.each([
  ["viewer", [200, 200, 403, 403]],
  ["operator", [200, 200, 200, 403]],
  ["admin", [200, 200, 200, 200]],
] as const)("lets a %s read, replay, and change connectors as the contract says", async (role, expected) => {
  const { status } = await setup({ role });
  const got = [
    await status("GET", "/admin/v1/overview"),
    await status("HEAD", "/admin/v1/overview"),
    await status("POST", "/admin/v1/dead-letters/ho_1/replay"),
    await status("POST", "/admin/v1/connectors"),
  ];
  expect(got).toEqual(expected);
});

it("says which role is too low, and which one would do, and notes the attempt", async () => {
  const { url, done, notices } = await setup({ role: "viewer" });
  const answer = await fetch(`${url}/admin/v1/dead-letters/ho_1/replay`, { method: "POST", headers: WITH_KEY });
  expect(await answer.json()).toMatchObject({
    type: "urn:baton:problem:forbidden",
    detail: "this key's role is viewer; the route takes operator",
  });
  const entry = {
    action: "dead-letter.replay",
    actor: { id: "key-1", name: "Ana" },
    targetId: "ho_1",
    outcome: "refused",
  };
  expect(notices).toMatchObject([{ source: "key-1 dead-letter.replay", entry: { ...entry, problem: "forbidden" } }]);
  expect(done).toEqual([]);
});

it("writes a change down before it is made, and its end before it is answered; reading leaves nothing", async () => {
  const { status, done } = await setup();
  await status("GET", "/admin/v1/overview");
  await status("POST", "/admin/v1/dead-letters/ho_1/replay");
  expect(done).toMatchObject([
    ["write", { action: "dead-letter.replay", targetId: "ho_1" }],
    ["change"],
    ["settle", { outcome: "done" }],
  ]);
});

it("makes no change that it cannot write down", async () => {
  const { status, done } = await setup({
    write() {
      throw new Error("no room");
    },
  });
  expect(await status("POST", "/admin/v1/dead-letters/ho_1/replay")).toBe(500);
  expect(done).toEqual([]);
});

it("leaves the end open of what broke: something may have been changed", async () => {
  const { status, done } = await setup();
  expect(await status("POST", "/admin/v1/handoffs/ho_1/cancel")).toBe(500);
  expect(done.map(([step]) => step)).toEqual(["write"]);
});

it("takes no route that has no role", async () => {
  const registered = () => setup({ addRoutes: (scope) => scope.get("/admin/v1/secrets", async () => ({})) });
  await expect(registered).rejects.toThrow("GET /admin/v1/secrets has no role");
});

it.each(["bt_7P3M9V0C5X2T8K1Q_secret", "bk_secret", "ba_an-admin-key-that-a-person-thought-up"])(
  "keeps %s out of audit, log and answer where it stands in place of an id",
  async (secret) => {
    const { url, log, done, notices } = await setup();
    for (const path of [`/admin/v1/connectors/cn_1/tokens/${secret}`, `/admin/v1/keys/${secret}`]) {
      const answer = await fetch(url + path, { method: "DELETE", headers: WITH_KEY });
      expect(answer.status).toBe(404);
      expect(JSON.stringify([await answer.text(), log.lines, done, notices])).not.toContain(secret);
    }
    expect([done, notices]).toEqual([[], []]);
  },
);
