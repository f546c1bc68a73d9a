/** What closes a connector's gate, for tests: CXone's answers, and what happens to its token. */
import type { KnownDestination } from "../src/claim-script-arguments-and-reply.ts";
import type { StoredHandoff } from "../src/handoff-record.ts";
import { again, type createConnector, FAR_FUTURE, FAR_MS, type Space } from "./space.ts";

type Connector = ReturnType<typeof createConnector>;

export const pausedOf = (connector: Connector): Connector => ({ ...connector, paused: true });
export const nothingKnown = { worker: "without", destinations: new Map<string, KnownDestination>() };
export const known = ({ id }: Connector, destination: KnownDestination) => new Map([[id, destination]]);
export const KEYS = { kind: "keys", until: FAR_FUTURE } as const;
export const REFUSED = {
  kind: "refused",
  until: FAR_FUTURE,
  reason: "credentials",
  detail: "wrong keys | again",
  httpStatus: 401,
} as const;

export async function queueMany(
  { queued }: Space,
  connector: Connector,
  count: number,
): Promise<readonly StoredHandoff[]> {
  const stored = [];
  for (let i = 0; i < count; i++) stored.push(await queued(connector));
  return stored;
}

/** throttle has CXone ask for `holdMs`; gives the handoff that met it, which waits for an hour of its own. */
export async function throttle(space: Space, connector: Connector, holdMs: number): Promise<StoredHandoff> {
  const stored = await space.queued(connector, { deadlineMs: 7_200_000 });
  await space.settle(connector, await space.sending(connector, stored), again("throttled", 3_600_000, { holdMs }));
  return stored;
}

/** breakOpen lets twenty signals fail, and none of those before count. */
export async function breakOpen(space: Space, connector: Connector): Promise<void> {
  await space.elapse(10_000);
  await queueMany(space, connector, 20);
  const { attempts } = await space.claim(connector);
  for (const attempt of attempts) await space.settle(connector, attempt, again("unreachable", 30_000));
}

/** failToken has the token endpoint answer 503 to the one who asked, for `retryAfterMs`. */
export async function failToken({ accesses }: Space, { id }: Connector, retryAfterMs: number): Promise<void> {
  await accesses.claim({ connectorId: id, credentialsVersion: 1, lease: "l", what: "token" });
  await accesses.fail({ connectorId: id, lease: "l", kind: "unavailable", detail: "503", retryAfterMs });
}

export async function grantToken({ accesses }: Space, { id }: Connector): Promise<void> {
  await accesses.claim({ connectorId: id, credentialsVersion: 1, lease: "l", what: "token" });
  await accesses.grant({
    connectorId: id,
    lease: "l",
    access: "sealed",
    version: "1",
    lifetimeMs: FAR_MS,
    renewAfterMs: FAR_MS,
  });
}

/** fail ends a test whose next line needs what is not there. */
export function fail(): never {
  throw new Error("there is none");
}
