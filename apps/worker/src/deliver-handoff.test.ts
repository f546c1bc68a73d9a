import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import type { Abandonment, AttemptResult, SettleResult } from "@baton/handoffs/settle-script-arguments-and-reply";
import { CommandTimeout } from "@baton/redis/lua-script";
import { openTracing } from "@baton/telemetry";
import { UnknownKey } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { createConnector } from "../../../packages/domain/testing/connector.ts";
import { createBeginAttemptSpan } from "./attempt-and-run-telemetry.ts";
import { createDeliverHandoff } from "./deliver-handoff.ts";
import type { Destination } from "./destination-with-cxone-client.ts";

const ATTEMPT_MS = 200;
const NOW = 1_000_000;

const connector = createConnector({ guarantee: "at-most-once", attemptTimeoutMs: ATTEMPT_MS }, { id: "cn_1" });

const attempt: ClaimedAttempt = {
  id: "ho_1",
  generation: 2,
  connectorId: connector.id,
  contactId: "1",
  token: "t.1",
  number: 1,
  used: 1,
  startedAt: NOW,
  until: NOW + ATTEMPT_MS,
  deadlineAt: NOW + 60_000,
  since: NOW,
  sealedParams: "",
};

const FAULT = new Error("a fault of ours");

function fail(error: Error): never {
  throw error;
}

interface Changes {
  readonly find?: () => Promise<Destination | undefined>;
  readonly waitUntilReplicated?: () => Promise<void>;
  readonly openParams?: () => never;
  readonly prepare?: Destination["prepare"];
  readonly settle?: () => Promise<SettleResult>;
  readonly beginSpan?: ReturnType<typeof createBeginAttemptSpan>;
}

function setup({
  find,
  waitUntilReplicated = async () => undefined,
  openParams,
  prepare,
  settle,
  beginSpan,
}: Changes = {}) {
  const sent: string[] = [];
  const settled: AttemptResult[] = [];
  const abandoned: Abandonment[] = [];
  const forgotten: string[] = [];
  const failures: unknown[] = [];
  const reported: unknown[] = [];
  const send = async (contactId: string) => {
    sent.push(contactId);
    return { kind: "accepted", httpStatus: 202 } as const;
  };
  const destination: Destination = {
    connector,
    prepare: prepare ?? (async () => send),
    hasEnded: async () => false,
    openParams: openParams ?? (() => ({})),
  };
  const deliver = createDeliverHandoff({
    handoffs: {
      async settle(one) {
        settled.push(one);
        return settle === undefined ? { kind: "stale" } : settle();
      },
      async abandon(one) {
        abandoned.push(one);
        return { kind: "stale" };
      },
    },
    waitUntilReplicated,
    destinations: { find: find ?? (async () => destination), invalidate: (id) => forgotten.push(id) },
    random: () => 0,
    beginSpan,
    report: {
      attempted() {},
      abandoned: (_, why, error) => reported.push([why, error]),
      failed: (_, error) => failures.push(error),
    },
  });
  return {
    sent,
    settled,
    abandoned,
    forgotten,
    failures,
    reported,
    deliver: (agoMs = 0) => deliver(attempt, performance.now() - agoMs),
  };
}

it("sends within the attempt's time, and says that CXone accepted it", async () => {
  const { deliver, sent, settled } = setup();
  expect(await deliver()).toBe(true);
  expect(sent).toEqual(["1"]);
  expect(settled).toMatchObject([
    { outcome: { kind: "accepted" }, settlement: { kind: "delivered" }, isUnsent: false },
  ]);
});

it("sends though it cannot be asked whether the attempt is of a replay, and no collector takes its spans", async () => {
  const tracing = await openTracing({
    // Nothing listens there.
    config: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_TRACES_SAMPLER_ARG: 1, BATON_SHUTDOWN_MS: 400 },
    service: "test",
    version: "1",
    life: { onClose: (_, close) => onTestFinished(async () => void (await close())) },
    log: { warn() {} },
  });
  if (tracing === undefined) throw new Error("nothing is traced");
  const beginSpan = createBeginAttemptSpan({ tracing, replaysOf: () => Promise.reject(FAULT) });
  const { deliver, sent, settled, failures } = setup({ beginSpan });
  expect(await deliver()).toBe(true);
  expect({ sent, failures }).toEqual({ sent: ["1"], failures: [] });
  expect(settled).toHaveLength(1);
});

it("sends nothing once the attempt's time is over: by then another worker may be sending", async () => {
  const { deliver, sent, settled } = setup();
  expect(await deliver(2 * ATTEMPT_MS)).toBe(false);
  expect(sent).toEqual([]);
  expect(settled).toMatchObject([{ outcome: { kind: "unreachable" }, isUnsent: true }]);
});

it("gives an attempt back that no replica knew of in time", async () => {
  const { deliver, sent, abandoned, settled } = setup({
    waitUntilReplicated: () => Promise.reject(new CommandTimeout("no replica")),
  });
  await deliver();
  expect({ sent, settled }).toEqual({ sent: [], settled: [] });
  expect(abandoned).toMatchObject([{ attempt: { id: "ho_1" }, waitMs: 1_000 }]);
});

it("gives an attempt back whose token is gone, and asks for the connector anew", async () => {
  const { deliver, abandoned, forgotten } = setup({ prepare: async () => undefined });
  await deliver();
  expect(abandoned).toMatchObject([{ waitMs: 0 }]);
  expect(forgotten).toEqual(["cn_1"]);
});

it("gives an attempt back while Redis is away, rather than let it count", async () => {
  const { deliver, abandoned, failures } = setup({
    find: () => Promise.reject(new CommandTimeout("Redis did not answer")),
  });
  await deliver();
  expect(abandoned).toHaveLength(1);
  expect(failures).toEqual([]);
});

it("leaves a handoff to others whose parameters it cannot open", async () => {
  const openParams = () => {
    throw new UnknownKey("k2");
  };
  const { deliver, sent, abandoned } = setup({ openParams });
  await deliver();
  expect(sent).toEqual([]);
  expect(abandoned).toMatchObject([{ waitingFor: "keys" }]);
});

it.each([
  ["its connector cannot be found", { find: () => Promise.reject(FAULT) }],
  ["the way to CXone cannot be prepared", { prepare: () => Promise.reject(FAULT) }],
  ["it cannot be asked whether a replica knows of it", { waitUntilReplicated: () => Promise.reject(FAULT) }],
  ["its parameters are damaged, which no key opens", { openParams: () => fail(FAULT) }],
] satisfies [string, Changes][])(
  "gives an attempt back where %s, and reports it: nothing was sent",
  async (_, changes) => {
    const { deliver, sent, settled, abandoned, reported, forgotten } = setup(changes);
    expect(await deliver()).toBe(false);
    expect({ sent, settled }).toEqual({ sent: [], settled: [] });
    expect(abandoned).toMatchObject([{ attempt: { id: "ho_1" }, waitMs: 1_000 }]);
    expect(reported).toEqual([["fault", FAULT]]);
    // Its connector is asked for anew: it may be another by now.
    expect(forgotten).toEqual(["cn_1"]);
  },
);

it("reports an outcome that could not be written down, and never rejects", async () => {
  const { deliver, failures, sent } = setup({ settle: () => Promise.reject(FAULT) });
  expect(await deliver()).toBe(false);
  expect(sent).toEqual(["1"]);
  expect(failures).toEqual([FAULT]);
});

it("writes an outcome down once Redis is back, however long that takes", async () => {
  let asked = 0;
  const settle = async () => {
    if (++asked < 3) throw new CommandTimeout("Redis did not answer");
    return { kind: "stale" } as const;
  };
  const { deliver, failures, sent } = setup({ settle });
  expect(await deliver()).toBe(true);
  expect({ asked, sent, failures }).toEqual({ asked: 3, sent: ["1"], failures: [] });
});
