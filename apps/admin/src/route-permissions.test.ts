import type { Role } from "@baton/domain";
import { expect, it } from "vitest";
import { browserWith, FOREIGN, signIn } from "../testing/browser.ts";
import { type Answer, setup, useRedis } from "../testing/world.ts";

useRedis();

const ROLES = ["viewer", "operator", "admin"] as const satisfies readonly Role[];
const WRITES = ["post", "patch", "delete"];

/** For the routes that are not there to change what handoffs do, or that the admin alone may use. */
const LOWEST: readonly (readonly [RegExp, Role])[] = [
  [/^POST \/admin\/v1\/explain$/, "viewer"],
  [/^\w+ \/admin\/v1\/keys/, "admin"],
  [/^\w+ \/admin\/v1\/connectors\/\{id\}\/(pause|resume|verify)$/, "operator"],
  [/^\w+ \/admin\/v1\/connectors/, "admin"],
];

interface Write {
  readonly method: string;
  readonly path: string;
  readonly lowest: Role;
}

/** Every route that changes something, as the OpenAPI document has it; a session belongs to its own key. */
async function readWrites(url: string): Promise<readonly Write[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  return Object.entries(paths).flatMap(([pattern, methods]) =>
    Object.keys(methods)
      .filter((method) => WRITES.includes(method) && !pattern.startsWith("/admin/v1/session"))
      .map((name) => {
        const method = name.toUpperCase();
        const lowest = LOWEST.find(([route]) => route.test(`${method} ${pattern}`))?.[1] ?? "operator";
        return { method, path: pattern.replaceAll(/\{\w+\}/g, "nothing"), lowest };
      }),
  );
}

function problemOfRefusal({ body }: Answer): string | undefined {
  return body?.type?.replace("urn:baton:problem:", "");
}

async function setupRoles() {
  const world = await setup();
  const writes = await readWrites(world.url);
  expect(writes.length).toBeGreaterThan(15);
  const keys = await Promise.all(
    ROLES.map(async (role) => ({ role, key: (await world.client.createAdminKey({ name: role, role })).token })),
  );
  return { world, writes, keys };
}

/** REFUSED is what stands before a route. */
const REFUSED = ["forbidden", "unauthenticated", "cross-site"];

it("lets each role change what the contract allows it, by key and by session, and nothing else", async () => {
  const { world, writes, keys } = await setupRoles();
  for (const { role, key } of keys) {
    const { ask } = await signIn(world, { key });
    for (const { method, path, lowest } of writes) {
      const byKey = problemOfRefusal(await world.call(method, path, undefined, { authorization: `Bearer ${key}` }));
      const bySession = problemOfRefusal(await ask(method, path));
      const allowed = ROLES.indexOf(role) >= ROLES.indexOf(lowest);
      const verdict = [byKey, bySession].map((problem) => (REFUSED.includes(problem ?? "") ? problem : "allowed"));
      expect([role, method, path, verdict]).toEqual([
        role,
        method,
        path,
        Array(2).fill(allowed ? "allowed" : "forbidden"),
      ]);
    }
  }
});

it("takes no change by cookie that another site may have had the browser ask for", async () => {
  const { world, writes } = await setupRoles();
  const { cookie } = await signIn(world, {
    key: (await world.client.createAdminKey({ name: "a", role: "admin" })).token,
  });
  const { ask } = browserWith(world, cookie);
  const json = { "content-type": "application/json" };
  const unsafe = [
    { ...json, origin: undefined },
    { ...json, origin: FOREIGN },
    { ...json, origin: "null" },
    { ...json, origin: `${world.url}0` },
    { ...json, origin: undefined, "sec-fetch-site": "cross-site" },
    { ...json, "sec-fetch-site": "same-site" },
    { "content-type": "text/plain" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "multipart/form-data; boundary=x" },
  ];
  for (const { method, path } of [...writes, { method: "DELETE", path: "/admin/v1/session" }]) {
    for (const headers of unsafe) {
      const answer = await ask(method, path, method === "DELETE" ? undefined : "{}", headers);
      expect([method, path, headers, answer.status, problemOfRefusal(answer)]).toEqual([
        method,
        path,
        headers,
        403,
        "cross-site",
      ]);
    }
  }
  expect((await ask("GET", "/admin/v1/keys", undefined, { origin: undefined })).status).toBe(200);
  const safe = [
    { origin: undefined, "sec-fetch-site": "same-origin" },
    { "content-type": "application/json; charset=utf-8" },
  ];
  for (const headers of safe) expect((await ask("POST", "/admin/v1/pause", "{}", headers)).status).toBe(200);
  expect((await ask("POST", "/admin/v1/resume")).status).toBe(200);
});
