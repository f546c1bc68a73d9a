import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createCxOneHttpClient, parseAllowedHosts } from "@baton/cxone";
import type { Connector, CxOneCredentials } from "@baton/domain";
import type { KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createConnectorCache } from "@baton/registry/connector-cache";
import { createConnectorStore } from "@baton/registry/connector-store";
import { createSealBinding, createVault, generateKeyringEntry, parseKeyring } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { createConnector, setup as setupSpace } from "../../../packages/handoffs/testing/space.ts";
import { createDestinationCache } from "./destination-cache.ts";
import { createRedisApiAccessStore } from "./redis-api-access-store.ts";

const POLL = { timeout: 20_000, interval: 10 };
const CREDENTIALS: CxOneCredentials = { clientId: "c", clientSecret: "s", accessKeyId: "k", accessKeySecret: "ks" };
const FAR_FUTURE = 8_000_000_000_000;
const HOUR_MS = 3_600_000;

/** setup gives destinations of a worker whose registry is at `registry.version`, on a real Redis. */
async function setup(allowedHosts = ["http://127.0.0.1:*"]) {
  const space = await setupSpace();
  const ring = generateKeyringEntry();
  const vault = createVault(parseKeyring(ring));
  const connectors = createConnectorStore(space.redis, space.shards.namespace);
  const registry: { version: number | undefined } = { version: 1 };
  const seen = { missing: [] as string[], errors: [] as unknown[], woken: [] as string[] };
  const clock = { aheadMs: 0 };
  const http = createCxOneHttpClient();
  onTestFinished(() => http.close());
  const destinations = createDestinationCache({
    connectorCache: createConnectorCache(connectors, () => registry.version),
    accesses: space.accesses,
    vault,
    http,
    allowedHosts: parseAllowedHosts(allowedHosts),
    registryVersion: () => registry.version,
    now: () => Date.now() + clock.aheadMs,
    workerId: "w",
    tagOf: () => space.tag,
    onTokenRequest: () => undefined,
    onMissingKey: (id) => seen.missing.push(id),
    onError: (_, error) => seen.errors.push(error),
  });
  destinations.onChange((tag) => seen.woken.push(tag));
  onTestFinished(() => expect(seen.errors).toEqual([]));

  async function connect(change: Partial<Connector> = {}, sealWith = vault): Promise<Connector> {
    const connector = createConnector({}, change);
    const credentials = sealWith
      .seal(JSON.stringify(CREDENTIALS), createSealBinding("credentials", connector.id))
      .toString("base64url");
    await connectors.create({ connector, credentials });
    return connector;
  }

  /** Puts the next version of a connector into the registry, which every process then sees. */
  async function revise(connector: Connector, change: Partial<Connector>): Promise<Connector> {
    const stored = await connectors.read(connector.id);
    if (stored === undefined) throw new Error("gone");
    const next = { ...stored, connector: { ...stored.connector, ...change, version: stored.connector.version + 1 } };
    expect(await connectors.change(stored, next)).toEqual({ kind: "changed" });
    registry.version = (registry.version ?? 0) + 1;
    return next.connector;
  }

  /** Has another worker fetch a token, which lasts an hour. */
  async function grantToken({ id }: Connector): Promise<number> {
    const { accesses } = space;
    const access = createRedisApiAccessStore({ connectorId: id, credentialsVersion: 1, accesses, vault });
    const claimed = await access.claim({});
    if (claimed.kind !== "lease") throw new Error(claimed.kind);
    const expiresAt = Date.now() + HOUR_MS;
    const token = {
      token: "t",
      tokenType: "Bearer",
      apiEndpoint: "http://127.0.0.1:9",
      expiresAt,
      obtainedAt: Date.now(),
      version: "1",
    };
    await access.grant(claimed.lease, token);
    return expiresAt;
  }

  async function failToken({ id }: Connector, kind: "credentials" | "unavailable"): Promise<void> {
    await space.accesses.claim({ connectorId: id, credentialsVersion: 1, lease: "l", what: "token" });
    await space.accesses.fail({ connectorId: id, lease: "l", kind, detail: "no", httpStatus: 401 });
  }

  /** What the next claim is sent, once there is something. */
  async function changes(): Promise<ReadonlyMap<string, KnownDestination | undefined>> {
    let taken: ReadonlyMap<string, KnownDestination | undefined> = new Map();
    await expect
      .poll(() => {
        taken = destinations.takeChanges(space.tag);
        return taken.size;
      }, POLL)
      .toBeGreaterThan(0);
    return taken;
  }

  return { ...space, destinations, registry, seen, clock, connect, revise, grantToken, failToken, changes, vault };
}

/** startSilentIssuer is an identity service that answers no request until `answer` is called, and then 503. */
async function startSilentIssuer() {
  const held: (() => void)[] = [];
  let open = 0;
  const server = createServer((_, response) => {
    open += 1;
    response.on("close", () => (open -= 1));
    held.push(() => response.writeHead(503).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    cxone: { issuer, apiVersion: "v30.0", paramsIn: "query" } as const,
    held,
    /** How many requests their senders have not given up. */
    open: () => open,
    answer: () => {
      for (const call of held.splice(0)) call();
    },
  };
}

it("sends the next claim the connector that it requested: ready, for as long as its token lasts", async () => {
  const { destinations, connect, grantToken, changes, seen, tag } = await setup();
  const connector = await connect();
  const until = await grantToken(connector);
  expect(destinations.table()).toBe("w.1");
  destinations.requestMissing([connector.id]);
  destinations.requestMissing([connector.id]);
  expect(await changes()).toEqual(new Map([[connector.id, { kind: "ready", until, delivery: connector.delivery }]]));
  expect(seen.woken).toEqual([tag]);
  expect(destinations.takeChanges(tag).size).toBe(0);
});

it("sends that CXone refused its keys, so that its handoffs die of it, and looks again after half a minute", async () => {
  const { destinations, connect, failToken, changes } = await setup();
  const connector = await connect();
  await failToken(connector, "credentials");
  destinations.requestMissing([connector.id]);
  const refused = (await changes()).get(connector.id);
  expect(refused).toMatchObject({ kind: "refused", reason: "credentials", detail: "no", httpStatus: 401 });
  expect(refused?.until).toBeLessThanOrEqual(Date.now() + 30_000);
});

it("sends that the API's host is no longer allowed, though a token for it is kept", async () => {
  const { destinations, connect, grantToken, changes } = await setup(["https://api.example.com"]);
  const connector = await connect();
  await grantToken(connector);
  destinations.requestMissing([connector.id]);
  expect((await changes()).get(connector.id)).toMatchObject({
    kind: "refused",
    reason: "configuration",
    detail: "http://127.0.0.1:9 is not an allowed host",
  });
  // An attempt that was claimed just before is given back, uncounted, and meets the same.
  expect(await (await destinations.find(connector.id))?.prepare()).toBeUndefined();
});

it("sends nothing while no process can have a token: the gate shows that", async () => {
  const { destinations, connect, grantToken, failToken, changes } = await setup();
  const [waiting, other] = [await connect(), await connect()];
  await failToken(waiting, "unavailable");
  await grantToken(other);
  destinations.requestMissing([waiting.id]);
  destinations.requestMissing([other.id]);
  expect([...(await changes()).keys()]).toEqual([other.id]);
});

it("sends that its ring lacks a key, and reports it: other workers may have it", async () => {
  const { destinations, connect, changes, seen } = await setup();
  const connector = await connect({}, createVault(parseKeyring(generateKeyringEntry())));
  destinations.requestMissing([connector.id]);
  expect((await changes()).get(connector.id)).toMatchObject({ kind: "keys" });
  expect(seen.missing).toEqual([connector.id]);
});

it("lets the handoffs of a connector die that has been deleted", async () => {
  const { destinations, changes } = await setup();
  const { id } = createConnector();
  destinations.requestMissing([id]);
  expect((await changes()).get(id)).toMatchObject({
    kind: "refused",
    reason: "configuration",
    detail: "its connector has been deleted",
  });
});

it("asks for no token while a connector is paused, and looks again when the pause ends by itself", async () => {
  const { destinations, connect, failToken, changes, redis, tag } = await setup();
  const pausedUntil = Date.now() + 60_000;
  const [open, ending] = [await connect({ paused: true }), await connect({ paused: true, pausedUntil })];
  await failToken(ending, "credentials");
  destinations.requestMissing([open.id]);
  expect((await changes()).get(open.id)).toMatchObject({ kind: "ready", until: FAR_FUTURE, pausedUntil: FAR_FUTURE });
  expect(await redis.exists(`${tag}:a:${open.id}`)).toBe(0);
  destinations.requestMissing([ending.id]);
  expect((await changes()).get(ending.id)).toMatchObject({ kind: "ready", until: pausedUntil, pausedUntil });
});

it("carries what is in use on to the registry's next version, and goes by the one before until that is done", async () => {
  const { destinations, connect, grantToken, changes, revise } = await setup();
  const connector = await connect();
  const until = await grantToken(connector);
  destinations.table();
  destinations.requestMissing([connector.id]);
  await changes();
  const delivery = { ...connector.delivery, attemptTimeoutMs: 777 };
  await revise(connector, { delivery });
  expect(destinations.table()).toBe("w.1");
  await expect.poll(() => destinations.table(), POLL).toBe("w.2");
  expect(await changes()).toEqual(new Map([[connector.id, { kind: "ready", until, delivery }]]));
});

it("delays no connector's pause for another's token endpoint that hangs", async () => {
  const { destinations, connect, grantToken, changes, revise } = await setup();
  const { cxone, open, answer } = await startSilentIssuer();
  const [connector, hanging] = [await connect(), await connect({ cxone })];
  await grantToken(connector);
  destinations.table();
  destinations.requestMissing([connector.id, hanging.id]);
  await changes();
  await expect.poll(open, POLL).toBe(1);
  await revise(connector, { paused: true });
  await expect.poll(() => destinations.table(), POLL).toBe("w.2");
  // The other one still waits for its token.
  expect(open()).toBe(1);
  expect((await changes()).get(connector.id)).toMatchObject({ pausedUntil: FAR_FUTURE });
  answer();
});

it("sends nothing of a connector as it was before it changed, however long its token took", async () => {
  const { destinations, connect, changes, revise } = await setup();
  const { cxone, held, answer } = await startSilentIssuer();
  const connector = await connect({ cxone });
  destinations.table();
  destinations.requestMissing([connector.id]);
  await expect.poll(() => held.length, POLL).toBe(1);
  await revise(connector, { paused: true });
  answer();
  expect(await changes()).toEqual(
    new Map([[connector.id, expect.objectContaining({ kind: "ready", pausedUntil: FAR_FUTURE })]]),
  );
});

it("lets go of what was not used for a minute", async () => {
  const { destinations, connect, grantToken, changes, revise, clock } = await setup();
  const [idle, used] = [await connect(), await connect()];
  for (const connector of [idle, used]) await grantToken(connector);
  destinations.table();
  destinations.requestMissing([idle.id, used.id]);
  const described = new Set<string>();
  while (described.size < 2) for (const id of (await changes()).keys()) described.add(id);
  clock.aheadMs = 61_000;
  await destinations.find(used.id);
  await revise(used, { name: "other" });
  await expect.poll(() => destinations.table(), POLL).toBe("w.2");
  expect([...(await changes()).keys()]).toEqual([used.id]);
});

it("takes back a destination whose token is gone, and keeps what a claim could not send, unless there is news", async () => {
  const { destinations, connect, grantToken, changes, tag } = await setup();
  const [one, other] = [await connect(), await connect()];
  for (const connector of [one, other]) await grantToken(connector);
  destinations.requestMissing([one.id]);
  const first = await changes();
  destinations.requestMissing([other.id]);
  const second = await changes();
  destinations.invalidate(one.id);
  destinations.restoreChanges(tag, new Map([...first, ...second]));
  expect(destinations.takeChanges(tag)).toEqual(new Map([...second, [one.id, undefined]]));
});

it("names no table while the registry's version is not known", async () => {
  const { destinations, registry } = await setup();
  registry.version = undefined;
  expect(destinations.table()).toBeUndefined();
});

it("opens what was sealed for a handoff, and gives the way to CXone where a token is there", async () => {
  const { destinations, connect, grantToken, vault } = await setup();
  const connector = await connect();
  await grantToken(connector);
  const destination = await destinations.find(connector.id);
  const sealed = vault
    .seal(JSON.stringify({ p1: "Escalate" }), createSealBinding("params", connector.id, "ho_1"))
    .toString("base64url");
  expect(destination?.openParams("ho_1", sealed)).toEqual({ p1: "Escalate" });
  expect(() => destination?.openParams("ho_2", sealed)).toThrow();
  expect(await destination?.prepare()).toBeTypeOf("function");
});
