import { type ApiAccessRequest, type FailedApiAccess, type GrantedApiAccess, LEASE_MS } from "@baton/domain";
import { expect, it } from "vitest";
import { createConnector, setup as createSpace, FAR_MS } from "../testing/space.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";

const HOUR_MS = 3_600_000;

async function setup() {
  const space = await createSpace();
  const { id: connectorId } = createConnector();
  const { accesses } = space;
  const claim = (change: Partial<ApiAccessRequest & { connectorId: string }> = {}) =>
    accesses.claim({ connectorId, lease: crypto.randomUUID(), what: "token", ...change });
  const grant = (lease: string, change: Partial<GrantedApiAccess<string>> = {}) =>
    accesses.grant({
      connectorId,
      lease,
      access: `sealed ${lease}`,
      version: lease,
      lifetimeMs: HOUR_MS,
      renewAfterMs: HOUR_MS - 300_000,
      ...change,
    });
  const fail = (lease: string, change: Partial<FailedApiAccess> = {}) =>
    accesses.fail({ connectorId, lease, kind: "unavailable", detail: "503", ...change });
  /** Fetches an access whose version is `lease`. */
  const fetched = async (lease: string, change: Partial<GrantedApiAccess<string>> = {}) => {
    expect((await claim({ lease })).kind).toBe("lease");
    expect(await grant(lease, change)).toBe(true);
  };
  /** What a claim answers, in a word. */
  const kind = async (change: Partial<ApiAccessRequest & { connectorId: string }> = {}) => (await claim(change)).kind;
  return {
    ...space,
    connectorId,
    claim,
    grant,
    fail,
    fetched,
    kind,
    resume: createClearThrottleAndBreaker(space.shards),
  };
}

it("gives the right to fetch to one of many, and the access to all once it is there", async () => {
  const { claim, grant, kind } = await setup();
  const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => claim({ lease: String(i) })));
  expect(claims.filter((claimed) => claimed.kind === "lease")).toHaveLength(1);
  expect(claims.filter((claimed) => claimed.kind === "busy")).toHaveLength(19);
  expect(await kind()).toBe("busy");
  const holder = String(claims.findIndex((claimed) => claimed.kind === "lease"));
  expect(await grant(holder)).toBe(true);
  expect(await claim()).toEqual({ kind: "cached", access: `sealed ${holder}` });
});

it("answers those that find it busy when the lease ends, and gives it to the next one then", async () => {
  const { claim, grant, kind, elapse, now } = await setup();
  await claim({ lease: "lost" });
  const busy = await claim();
  if (busy.kind !== "busy") throw new Error(busy.kind);
  expect(busy.retryAt - (await now())).toBeLessThanOrEqual(LEASE_MS);
  await elapse(LEASE_MS - 1_000);
  expect(await kind()).toBe("busy");
  await elapse(1_001);
  expect(await kind({ lease: "next" })).toBe("lease");
  // What the lost one brings after all does not count: the next one's will.
  expect(await grant("lost")).toBe(false);
  expect(await kind()).toBe("busy");
});

it("waits after the token endpoint had no answer, longer each time, up to three seconds at most", async () => {
  const { claim, fail, kind, elapse, now, elapsed } = await setup();
  // Chance is 0 here: each wait is half of its ceiling.
  for (const waitMs of [125, 250, 500, 1_000, 1_500, 1_500]) {
    await claim({ lease: "l" });
    await fail("l");
    const waiting = await claim();
    if (waiting.kind !== "waiting") throw new Error(waiting.kind);
    const left = waiting.retryAt - ((await now()) - elapsed());
    expect(left).toBeLessThanOrEqual(waitMs);
    expect(waiting.detail).toBe("503");
    await elapse(waitMs + 1);
  }
  expect(await kind({ lease: "good" })).toBe("lease");
});

it("begins anew with short waits after a good answer", async () => {
  const { claim, fail, fetched, elapse, kind } = await setup();
  for (let i = 0; i < 6; i++) {
    await claim({ lease: "l" });
    await fail("l");
    await elapse(10_000);
  }
  await fetched("good");
  await elapse(HOUR_MS);
  await claim({ lease: "l" });
  await fail("l");
  await elapse(126);
  expect(await kind()).toBe("lease");
});

it("waits at least as long as the token endpoint asked", async () => {
  const { claim, fail, kind, elapse } = await setup();
  await claim({ lease: "l" });
  await fail("l", { retryAfterMs: 45_000 });
  await elapse(44_000);
  expect(await kind()).toBe("waiting");
  await elapse(1_001);
  expect(await kind()).toBe("lease");
});

it("waits no longer after a resume, and begins again with short waits", async () => {
  const { claim, fail, kind, resume, connectorId, elapse } = await setup();
  for (let i = 0; i < 6; i++) {
    await claim({ lease: "l" });
    await fail("l");
    await elapse(10_000);
  }
  await claim({ lease: "l" });
  await fail("l", { retryAfterMs: 30_000 });
  expect(await kind()).toBe("waiting");
  await resume(connectorId);
  expect(await kind({ lease: "l" })).toBe("lease");
  await fail("l");
  await elapse(126);
  expect(await kind()).toBe("lease");
});

it("keeps what CXone refused, and what it granted, after a resume", async () => {
  const { claim, fail, fetched, kind, resume, connectorId, elapse } = await setup();
  await claim({ lease: "l" });
  await fail("l", { kind: "credentials" });
  await resume(connectorId);
  expect(await kind()).toBe("refused");
  await elapse(30_001);
  await fetched("1");
  await resume(connectorId);
  expect(await claim()).toEqual({ kind: "cached", access: "sealed 1" });
});

it("drops an access that is of older keys, and keeps one that is of these or newer ones", async () => {
  const { kind, accesses, connectorId } = await setup();
  expect(await kind({ credentialsVersion: 3, lease: "1" })).toBe("lease");
  await accesses.grant({
    connectorId,
    lease: "1",
    access: "sealed",
    version: "1",
    lifetimeMs: HOUR_MS,
    renewAfterMs: HOUR_MS,
  });
  await accesses.drop(connectorId, 2);
  await accesses.drop(connectorId, 3);
  expect(await kind({ credentialsVersion: 3 })).toBe("cached");
  await accesses.drop(connectorId, 4);
  expect(await kind({ credentialsVersion: 4 })).toBe("lease");
});

it.each(["credentials", "configuration"] as const)(
  "remembers for thirty seconds that %s were refused, and asks CXone no more meanwhile",
  async (reason) => {
    const { claim, fail, kind, elapse } = await setup();
    await claim({ lease: "l" });
    await fail("l", { kind: reason, detail: "invalid_client", httpStatus: 401 });
    expect(await claim()).toEqual({ kind: "refused", reason, detail: "invalid_client", httpStatus: 401 });
    await elapse(29_000);
    expect(await kind()).toBe("refused");
    await elapse(1_001);
    expect(await kind()).toBe("lease");
  },
);

it("says nothing of an HTTP status where there was none", async () => {
  const { claim, fail } = await setup();
  await claim({ lease: "l" });
  await fail("l", { kind: "configuration", detail: "host not allowed" });
  expect(await claim()).toEqual({ kind: "refused", reason: "configuration", detail: "host not allowed" });
});

it("takes a failure from the lease's holder only", async () => {
  const { claim, fail, kind } = await setup();
  await claim({ lease: "l" });
  await fail("other", { kind: "credentials" });
  expect(await kind()).toBe("busy");
});

it("renews a refused token by force once, hides it meanwhile, and then not again for thirty seconds", async () => {
  const { claim, fetched, grant, kind, elapse } = await setup();
  await fetched("1");
  expect(await kind({ lease: "2", replacing: "1" })).toBe("lease");
  expect(await kind()).toBe("busy");
  expect(await kind({ replacing: "1" })).toBe("busy");
  await grant("2");
  // Who comes with the old one takes the new one, without a request.
  expect(await claim({ replacing: "1" })).toEqual({ kind: "cached", access: "sealed 2" });
  expect(await kind({ replacing: "2" })).toBe("not-allowed");
  await elapse(29_000);
  expect(await kind({ replacing: "2" })).toBe("not-allowed");
  await elapse(1_001);
  expect(await kind({ replacing: "2" })).toBe("lease");
});

it("lets one of many who were refused renew", async () => {
  const { fetched, claim } = await setup();
  await fetched("1");
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim({ replacing: "1" })));
  expect(claims.map(({ kind }) => kind).toSorted()).toEqual([...Array<string>(19).fill("busy"), "lease"]);
});

it("renews the address without hiding the token, and counts it apart from the token's renewals", async () => {
  const { fetched, claim, grant, kind } = await setup();
  await fetched("1");
  expect(await claim({ lease: "2", replacing: "1", what: "address" })).toEqual({ kind: "lease", access: "sealed 1" });
  expect(await kind()).toBe("cached");
  await grant("2");
  expect(await kind({ replacing: "2", what: "address" })).toBe("not-allowed");
  expect(await kind({ replacing: "2", what: "token" })).toBe("lease");
});

it("does not count a forced renewal that found no answer", async () => {
  const { fetched, fail, kind, elapse, claim } = await setup();
  await fetched("1");
  await claim({ lease: "2", replacing: "1", what: "address" });
  await fail("2");
  await elapse(10_000);
  expect(await kind({ replacing: "1", what: "address" })).toBe("lease");
});

it("serves an access to its last millisecond, and fetches another one after it", async () => {
  const { fetched, kind, elapse } = await setup();
  await fetched("1", { lifetimeMs: 60_000, renewAfterMs: FAR_MS });
  await elapse(59_000);
  expect(await kind()).toBe("cached");
  await elapse(1_001);
  expect(await kind()).toBe("lease");
});

it("lets one renew ahead of the end while all others go on with what is there", async () => {
  const { fetched, grant, claim, kind, elapse } = await setup();
  await fetched("1");
  await elapse(HOUR_MS - 299_000);
  expect(await claim({ lease: "2" })).toEqual({ kind: "lease", access: "sealed 1" });
  for (let i = 0; i < 5; i++) expect(await kind()).toBe("cached");
  await grant("2");
  expect(await claim()).toEqual({ kind: "cached", access: "sealed 2" });
});

it.each(["unavailable", "credentials"] as const)(
  "goes on with what is there where renewing ahead failed: %s",
  async (reason) => {
    const { fetched, fail, claim, kind, elapse } = await setup();
    await fetched("1");
    await elapse(HOUR_MS - 299_000);
    await claim({ lease: "2" });
    await fail("2", { kind: reason });
    expect(await kind()).toBe("cached");
    await elapse(30_001);
    expect(await kind()).toBe("lease");
  },
);

it("keeps one connector's access from another's", async () => {
  const { fetched, kind } = await setup();
  await fetched("1");
  expect(await kind({ connectorId: createConnector().id })).toBe("lease");
});

it("calls those who wait for the token as soon as it is there", async () => {
  const { queued, waits, claim, accesses } = await createSpace();
  const connector = createConnector();
  await accesses.claim({ connectorId: connector.id, lease: "l", what: "token" });
  const nothingKnown = { destinations: new Map() };
  expect(await waits(connector, await queued(connector), nothingKnown)).toBe("token");
  expect(await claim(connector, nothingKnown)).toMatchObject({ missingDestinations: [] });
  await accesses.grant({
    connectorId: connector.id,
    lease: "l",
    access: "sealed",
    version: "1",
    lifetimeMs: HOUR_MS,
    renewAfterMs: HOUR_MS,
  });
  expect(await claim(connector, nothingKnown)).toMatchObject({ missingDestinations: [connector.id] });
});

it("gives a process without a lease what CXone refused, for as long as these are the keys", async () => {
  const { accesses, connectorId, kind, elapse } = await setup();
  const keys = { connectorId, credentialsVersion: 1 };
  expect(await accesses.refusal(keys)).toBeUndefined();
  await accesses.refuse(keys, { detail: "HTTP 401", httpStatus: 401 });
  expect(await accesses.refusal(keys)).toMatchObject({ detail: "HTTP 401" });
  // Those who signal leave them alone, too.
  expect(await kind({ credentialsVersion: 1 })).toBe("refused");
  expect(await accesses.refusal({ connectorId, credentialsVersion: 2 })).toBeUndefined();
  await elapse(30_000);
  expect(await accesses.refusal(keys)).toBeUndefined();
  expect(await kind({ credentialsVersion: 1 })).toBe("lease");
});

it("forgets an access, a refusal and a lease once the credentials are others", async () => {
  const { accesses } = await setup();
  const { id: connectorId } = createConnector();
  // The moments of changes, as connectors have them.
  const [one, two, three] = [0, 1, 2].map((ms) => Date.now() + ms) as [number, number, number];
  const claim = (credentialsVersion: number) =>
    accesses.claim({ connectorId, credentialsVersion, lease: crypto.randomUUID(), what: "token" });
  const failed = { connectorId, kind: "credentials", detail: "wrong" } as const;
  await accesses.claim({ connectorId, credentialsVersion: one, lease: "first", what: "token" });
  await accesses.fail({ ...failed, lease: "first" });
  expect((await claim(one)).kind).toBe("refused");
  await accesses.drop(connectorId, two);
  expect((await claim(one)).kind).toBe("busy");
  await accesses.claim({ connectorId, credentialsVersion: two, lease: "second", what: "token" });
  await accesses.drop(connectorId, two);
  expect((await claim(two)).kind).toBe("busy");
  expect((await claim(three)).kind).toBe("lease");
  const grant = {
    connectorId,
    lease: "second",
    access: "old",
    version: "old",
    lifetimeMs: 60_000,
    renewAfterMs: 50_000,
  };
  expect(await accesses.grant(grant)).toBe(false);
});
