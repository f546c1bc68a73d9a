import { describe, expect, it } from "vitest";
import { type ApiAccess, renewalLeadMs } from "./api-access-store.ts";
import { createMemoryApiAccessStore } from "./memory-api-access-store.ts";

const HOUR_MS = 3_600_000;

function setup() {
  let now = 1_000_000;
  const store = createMemoryApiAccessStore({ clock: () => now, random: () => 0 });
  const access = (version: string, lifetimeMs = HOUR_MS): ApiAccess => ({
    token: `token-${version}`,
    tokenType: "Bearer",
    apiEndpoint: "https://api.example",
    obtainedAt: now,
    expiresAt: now + lifetimeMs,
    version,
  });
  const lease = async (request: Parameters<typeof store.claim>[0] = {}) => {
    const claim = await store.claim(request);
    if (claim.kind !== "lease") throw new Error(`no lease but ${claim.kind}`);
    return claim.lease;
  };
  return { store, access, lease, now: () => now, pass: (ms: number) => (now += ms) };
}

describe("the first access", () => {
  it("is fetched by one, while the others get a time to ask again", async () => {
    const { store, lease, access } = setup();
    const mine = await lease();
    expect(await store.claim({})).toMatchObject({ kind: "busy" });
    await store.grant(mine, access("1"));
    expect(await store.claim({})).toMatchObject({ kind: "cached", access: { version: "1" } });
  });

  it("may be fetched by another when the fetcher has died", async () => {
    const { store, lease, pass } = setup();
    await lease();
    pass(10_000);
    expect(await store.claim({})).toMatchObject({ kind: "lease" });
  });
});

describe("renewal ahead of time", () => {
  it("is five minutes before the end, or a tenth of a short life", () => {
    expect(renewalLeadMs({ obtainedAt: 0, expiresAt: HOUR_MS })).toBe(300_000);
    expect(renewalLeadMs({ obtainedAt: 0, expiresAt: 60_000 })).toBe(6_000);
  });

  it("is one's, while the others go on with what there is", async () => {
    const { store, lease, access, pass } = setup();
    await store.grant(await lease(), access("1"));
    pass(HOUR_MS - 300_000);
    expect(await store.claim({})).toMatchObject({ kind: "lease", current: { version: "1" } });
    expect(await store.claim({})).toMatchObject({ kind: "cached", access: { version: "1" } });
  });

  it("may fail without harm until the access has ended", async () => {
    const { store, lease, access, pass } = setup();
    await store.grant(await lease(), access("1"));
    pass(HOUR_MS - 300_000);
    await store.fail(await lease(), { kind: "credentials", detail: "no", httpStatus: 401 });
    expect(await store.claim({})).toMatchObject({ kind: "cached" });
    pass(300_000);
    expect(await store.claim({})).toMatchObject({ kind: "lease" });
  });
});

describe("forced renewal", () => {
  it("is allowed once in 30 s for each part", async () => {
    const { store, lease, access, pass } = setup();
    await store.grant(await lease(), access("1"));
    await store.grant(await lease({ replacing: "1", what: "token" }), access("2"));
    expect(await store.claim({ replacing: "2", what: "token" })).toEqual({ kind: "not-allowed" });
    await store.grant(await lease({ replacing: "2", what: "address" }), access("3"));
    expect(await store.claim({ replacing: "3", what: "address" })).toEqual({ kind: "not-allowed" });
    pass(30_000);
    expect(await store.claim({ replacing: "3", what: "token" })).toMatchObject({
      kind: "lease",
      current: { version: "3" },
    });
  });

  it("gives the newer access to a caller that was refused with an older one", async () => {
    const { store, lease, access } = setup();
    await store.grant(await lease(), access("1"));
    await store.grant(await lease({ replacing: "1" }), access("2"));
    expect(await store.claim({ replacing: "1" })).toMatchObject({ kind: "cached", access: { version: "2" } });
  });

  it("does not count when the token endpoint was down, or when its fetcher died", async () => {
    const { store, lease, access, pass } = setup();
    await store.grant(await lease(), access("1"));
    await store.fail(await lease({ replacing: "1" }), { kind: "unavailable", detail: "down" });
    expect(await store.claim({ replacing: "1" })).toMatchObject({ kind: "waiting", detail: "down" });
    pass(250);
    await lease({ replacing: "1" });
    pass(10_000);
    expect(await store.claim({ replacing: "1" })).toMatchObject({ kind: "lease" });
  });
});

describe("a failed fetch", () => {
  it("that refused the credentials is not repeated within 30 s", async () => {
    const { store, lease, pass } = setup();
    await store.fail(await lease(), { kind: "credentials", detail: "invalid_client", httpStatus: 401 });
    const refused = { kind: "refused", reason: "credentials", detail: "invalid_client", httpStatus: 401 };
    expect(await store.claim({})).toEqual(refused);
    pass(29_999);
    expect(await store.claim({})).toEqual(refused);
    pass(1);
    expect(await store.claim({})).toMatchObject({ kind: "lease" });
  });

  it("that reached no server is repeated after a wait that doubles up to three seconds", async () => {
    const { store, lease, now, pass } = setup();
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      await store.fail(await lease(), { kind: "unavailable", detail: "down" });
      const claim = await store.claim({});
      if (claim.kind !== "waiting") throw new Error(`not waiting but ${claim.kind}`);
      waits.push(claim.retryAt - now());
      pass(claim.retryAt - now());
    }
    expect(waits).toEqual([125, 250, 500, 1_000, 1_500, 1_500, 1_500, 1_500]);
  });

  it("waits at least as long as Retry-After says", async () => {
    const { store, lease, now } = setup();
    await store.fail(await lease(), { kind: "unavailable", detail: "busy", retryAfterMs: 7_000 });
    expect(await store.claim({})).toMatchObject({ kind: "waiting", retryAt: now() + 7_000 });
  });
});
