import type { NewAdminKey } from "@baton/registry/admin-key-store";
import { createLoginLimit } from "@baton/runtime";
import { createToken } from "@baton/vault";
import { expect, it } from "vitest";
import { type Actor, createAuthenticate, createIdentifyAdminKey } from "./authenticate-operator.ts";

const FIRST = "ba_a-first-key-that-a-person-thought-up";
const HERE = "203.0.113.7";

function setup() {
  const asked: string[] = [];
  const used: string[] = [];
  const kept = new Map<string, NewAdminKey>();
  const sessions = new Map<string, Actor>();
  const authenticate = createAuthenticate({
    identifyKey: createIdentifyAdminKey({
      firstKey: FIRST,
      findKey: async (id) => {
        asked.push(id);
        return kept.get(id);
      },
      uses: { note: (id) => used.push(id) },
      now: () => 1_000,
    }),
    identifySession: async (token) => sessions.get(token),
    limit: createLoginLimit(() => 0),
  });
  const comeBack = (session: string) =>
    authenticate({ authorization: undefined, session, address: HERE }).then(
      ({ id, role }) => `${id} ${role}`,
      (error: { code: string }) => error.code,
    );
  /** Who gets in with a key, or the refusal's code. */
  const login = (key: string, address = HERE) =>
    authenticate({ authorization: `Bearer ${key}`, address }).then(
      ({ id, role }) => `${id} ${role}`,
      (error: { code: string }) => error.code,
    );
  function issue(key: Partial<NewAdminKey> = {}) {
    const { id, token, hash } = createToken("ba");
    kept.set(id, { id, name: "Ana", role: "operator", hash, ...key });
    return { id, token };
  }
  async function exhaust(address = HERE) {
    for (let i = 0; i < 20; i++) expect(await login(createToken("ba").token, address)).toBe("unauthenticated");
  }
  return { login, comeBack, sessions, issue, exhaust, kept, asked, used };
}

it("knows a key by its id and secret, until it expires or is revoked", async () => {
  const { login, issue, kept, used } = setup();
  const [ana, over, left] = [issue(), issue({ expiresAt: 1_000 }), issue({ expiresAt: 1_001 })];
  expect(await login(ana.token)).toBe(`${ana.id} operator`);
  expect(await login(over.token)).toBe("unauthenticated");
  expect(await login(left.token)).toBe(`${left.id} operator`);
  kept.delete(left.id);
  expect(await login(left.token)).toBe("unauthenticated");
  expect(await login(FIRST)).toBe("BATON_ADMIN_KEY admin");
  expect(used).toEqual([ana.id, left.id]);
});

it("looks at no key once too many were wrong, but for those that were right from there before", async () => {
  const { login, issue, exhaust, asked } = setup();
  const [ana, bo] = [issue(), issue()];
  await login(ana.token);
  await exhaust();
  asked.length = 0;
  expect([await login(bo.token), await login(FIRST), await login("ba_x")]).toEqual(Array(3).fill("too-many-requests"));
  expect(asked).toEqual([]);
  expect(await login(ana.token)).toBe(`${ana.id} operator`);
  expect(await login(ana.token, "198.51.100.9")).toBe(`${ana.id} operator`);
});

it("no longer welcomes a key that was revoked", async () => {
  const { login, issue, exhaust, kept } = setup();
  const { id, token } = issue();
  await login(token);
  await exhaust();
  kept.delete(id);
  expect([await login(token), await login(token)]).toEqual(["unauthenticated", "too-many-requests"]);
});

it("does not count a request without a key as a guess", async () => {
  const { login } = setup();
  for (let i = 0; i < 50; i++) expect(await login("")).toBe("unauthenticated");
  expect(await login(FIRST)).toBe("BATON_ADMIN_KEY admin");
});

it("does not lock an operator out because a console goes on asking with a session that is over", async () => {
  const { login, comeBack, sessions } = setup();
  sessions.set("bs_mine", { id: "ANA", name: "Ana", role: "viewer" });
  expect(await comeBack("bs_mine")).toBe("ANA viewer");
  for (let i = 0; i < 20; i++) expect(await comeBack("bs_over")).toBe("unauthenticated");
  expect([await comeBack("bs_over"), await comeBack("bs_mine")]).toEqual(["too-many-requests", "ANA viewer"]);
  expect(await login(FIRST)).toBe("BATON_ADMIN_KEY admin");
});
