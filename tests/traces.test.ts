/** Traces of handoffs, as a collector gets them from processes that run by themselves. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { faultyAt } from "./world/faulty-span-processor.ts";
import { ROOT } from "./world/guide.ts";
import { type CollectedSpan, startCollector } from "./world/otlp-collector.ts";
import { type RunningProcess, startProcess } from "./world/process.ts";
import { startMonitoring } from "./world/prometheus.ts";
import { createRawClient } from "./world/raw-client.ts";
import { eventually } from "./world/redis-server.ts";
import { createWorld, type DeliveryChange, ended } from "./world/world.ts";

const CONTACT = "100000000077";
const PARAMETER = "Escalate to billing";
/** The caller's own: its trace, and the span that its request to Baton belongs to. */
const CALLER = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
const REPLAY = "POST /admin/v1/dead-letters/:id/replay";
const SIGNAL = "POST /inContactAPI/services/{version}/interactions/{contactId}/signal";

interface Different {
  readonly delivery?: DeliveryChange;
  readonly hangs?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function setup({ delivery = {}, hangs = false, env = {} }: Different = {}) {
  const collector = await startCollector({ hangs });
  const world = await createWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env });
  const { token } = await world.createConnector({ delivery: { backoff: { baseMs: 10, capMs: 10 }, ...delivery } });
  const ingress = await startProcess("ingress", world.env);
  const raw = createRawClient(ingress.url, token);
  const client = createBatonClient({ ingressUrl: ingress.url, token });
  const body = { contactId: CONTACT, params: { p1: PARAMETER } };
  return {
    ...world,
    collector,
    ingress,
    client,
    token,
    startWorkerProcess: () => startProcess("worker", world.env),
    send: async (headers: Readonly<Record<string, string>> = { traceparent: TRACEPARENT }) => {
      const answer = await raw({ body, headers });
      return { id: answer.json.id as string, traceparent: answer.headers.get("traceparent") };
    },
    async startOperator() {
      const { url, key } = await world.startAdmin();
      return createBatonClient({ adminUrl: url, adminKey: key });
    },
  };
}

it("is one over caller, ingress, two workers and CXone, and over a retry by the other worker", async () => {
  const { simulator, collector, client, send, ingress, startWorkerProcess } = await setup({
    delivery: { backoff: { baseMs: 2_000, capMs: 2_000 } },
  });
  simulator.answer({ on: "signal", status: 503, times: 1 });
  const { id, traceparent } = await send();
  expect(traceparent).toBe(TRACEPARENT);
  const first = await startWorkerProcess();
  await simulator.untilSignals(1);
  expect(await first.stop()).toBe(0);
  const second = await startWorkerProcess();
  await ended(client, id);
  await collector.until(SIGNAL, 2);
  const spans = collector.spans();
  expect(treeOf(spans, CALLER)).toEqual([
    "baton-ingress SERVER POST /v1/handoffs",
    "  baton-ingress PRODUCER send handoffs",
    "    baton-worker CONSUMER process handoffs",
    `      baton-worker CLIENT ${SIGNAL}`,
    "    baton-worker CONSUMER process handoffs",
    `      baton-worker CLIENT ${SIGNAL}`,
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
  expect(named(spans, SIGNAL)).toMatchObject([
    { isError: true, attributes: { "http.response.status_code": 503, "error.type": "503" } },
    { isError: false, attributes: { "http.response.status_code": 202, "http.request.resend_count": 1 } },
  ]);
  expect(named(spans, "process handoffs").map(({ attributes }) => attributes)).toMatchObject([
    { "messaging.message.id": id, "baton.attempt.outcome": "unavailable", "baton.handoff.status": "queued" },
    { "messaging.message.id": id, "baton.attempt.outcome": "accepted", "baton.handoff.status": "delivered" },
  ]);
  await eventually(
    () => tracedLines([ingress, first, second], id),
    [
      ["request", CALLER.traceId],
      ["attempt", CALLER.traceId],
      ["attempt", CALLER.traceId],
    ],
  );
});

it("is another for a replay, which links to the acceptance and the operator's request; all attempts of the replay share it", async () => {
  const { simulator, collector, send, client, startWorkerProcess, startOperator } = await setup();
  simulator.answer({ on: "signal", status: 404, times: 1 });
  const { id } = await send();
  const worker = await startWorkerProcess();
  await ended(client, id);
  const operator = await startOperator();
  simulator.answer({ on: "signal", status: 503, times: 1 });
  await operator.replay(id, { note: "the contact is there again" });
  await ended(client, id);
  await collector.until(SIGNAL, 3);
  const sends = await collector.until("send handoffs", 2);
  const [acceptance, replay] = sends;
  const [request] = await collector.until(REPLAY, 1);
  expect(replay?.links).toEqual([acceptance, request].map(idsOf));
  expect(replay?.traceId).not.toBe(CALLER.traceId);
  expect(treeOf(collector.spans(), { traceId: replay?.traceId ?? "", spanId: "" })).toEqual([
    "baton-worker PRODUCER send handoffs",
    "  baton-worker CONSUMER process handoffs",
    `    baton-worker CLIENT ${SIGNAL}`,
    "  baton-worker CONSUMER process handoffs",
    `    baton-worker CLIENT ${SIGNAL}`,
  ]);
  await eventually(
    () => tracedLines([worker], id),
    [
      ["attempt", CALLER.traceId],
      ["attempt", replay?.traceId],
      ["attempt", replay?.traceId],
    ],
  );
});

it("is another for a replay of what died before any attempt", async () => {
  const { collector, send, client, startWorkerProcess, startOperator } = await setup({
    delivery: { deadlineMs: 1_000 },
  });
  const { id } = await send();
  await ended(client, id);
  const operator = await startOperator();
  await operator.replay(id, { note: "there is a worker again", deadlineMs: 60_000 });
  await startWorkerProcess();
  expect((await ended(client, id)).status).toBe("delivered");
  const [process] = await collector.until("process handoffs", 1);
  expect(process?.traceId).not.toBe(CALLER.traceId);
  const [acceptance, replay] = await collector.until("send handoffs", 2);
  const [request] = await collector.until(REPLAY, 1);
  expect(replay).toMatchObject({ links: [acceptance, request].map(idsOf), spanId: process?.parentSpanId });
});

it("of a run's replays links to the request that started the run", async () => {
  const { simulator, collector, send, client, startWorkerProcess, startOperator } = await setup();
  simulator.answer({ on: "signal", status: 404, times: 2 });
  await startWorkerProcess();
  const ids = [(await send()).id, (await send()).id];
  for (const id of ids) await ended(client, id);
  const operator = await startOperator();
  await operator.startRun("replay", { all: true, note: "CXone is well again" });
  const sends = await collector.until("send handoffs", 4);
  const [request] = await collector.until("POST /admin/v1/replays", 1);
  const sendsOf = (id: string) => sends.filter(({ attributes }) => attributes["messaging.message.id"] === id);
  for (const [acceptance, replay] of ids.map(sendsOf)) {
    expect(replay?.links).toEqual([acceptance, request].map(idsOf));
  }
});

it("begins with Baton where the caller has none, and the answer names it", async () => {
  const { collector, send, ingress, startWorkerProcess } = await setup();
  await startWorkerProcess();
  const { id, traceparent } = await send({});
  await collector.until(SIGNAL, 1);
  const [server] = named(collector.spans(), "POST /v1/handoffs");
  expect(server?.parentSpanId).toBe("");
  expect(traceparent).toBe(`00-${server?.traceId}-${server?.spanId}-01`);
  await eventually(() => tracedLines([ingress], id), [["request", server?.traceId]]);
});

it("is not exported where the caller's is not, and holds no contact, parameter or token where it is", async () => {
  const { collector, send, client, token, startWorkerProcess } = await setup();
  await startWorkerProcess();
  const unsampled = await send({ traceparent: TRACEPARENT.replace(/01$/, "00") });
  await ended(client, unsampled.id);
  const traced = await send({});
  await collector.until(SIGNAL, 1);
  expect(collector.spans().filter(({ traceId }) => traceId === CALLER.traceId)).toEqual([]);
  const text = collector.bodies().join("");
  expect(text).toContain(traced.id);
  for (const planted of [CONTACT, PARAMETER, token, "Bearer"]) expect(text).not.toContain(planted);
});

it("is named by the exemplars of the latencies, in a real Prometheus", async () => {
  const { send, client, ingress, startWorkerProcess } = await setup();
  const worker = await startWorkerProcess();
  const monitoring = await startMonitoring({ "baton-ingress": ingress.url, "baton-worker": worker.url });
  await ended(client, (await send()).id);
  for (const series of ["baton_delivery_seconds_bucket", "baton_signal_seconds_bucket"])
    await eventually(() => monitoring.exemplars(series), [CALLER.traceId]);
  await eventually(
    async () =>
      (await monitoring.exemplars('baton_http_request_seconds_bucket{method="POST"}')).includes(CALLER.traceId),
    true,
  );
});

it("holds up neither a handoff nor the end of a process where the collector takes spans and never answers", async () => {
  const { send, client, ingress, collector, startWorkerProcess } = await setup({
    hangs: true,
    env: { BATON_SHUTDOWN_MS: "4000" },
  });
  const worker = await startWorkerProcess();
  for (let sent = 0; sent < 5; sent += 1) expect((await ended(client, (await send()).id)).status).toBe("delivered");
  await expect.poll(() => collector.bodies().length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await Promise.all([ingress.stop(), worker.stop()])).toEqual([0, 0]);
  expect(worker.lines).toContainEqual(
    expect.objectContaining({ level: "warn", msg: "spans could not be exported; they are lost" }),
  );
});

it.each(["onStart", "onEnd"] as const)(
  "costs no answer, no signal and no replay where OpenTelemetry fails at %s",
  async (method) => {
    const { env, simulator, ingress, client, send, startWorkerProcess } = await setup({
      env: { NODE_OPTIONS: faultyAt(method) },
    });
    const [worker, admin] = await Promise.all([startWorkerProcess(), startProcess("admin", env)]);
    const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
    simulator.answer({ on: "signal", status: 404, times: 1 });
    const { id } = await send();
    expect((await ended(client, id)).status).toBe("dead");
    await operator.replay(id);
    expect((await ended(client, id)).status).toBe("delivered");
    const fault = { level: "warn", err: expect.objectContaining({ message: expect.stringContaining(method) }) };
    for (const { child, lines } of [ingress, worker, admin]) {
      await expect.poll(() => lines, { timeout: 20_000 }).toContainEqual(expect.objectContaining(fault));
      expect(child.exitCode).toBeNull();
    }
  },
);

it("loads nothing of OpenTelemetry where no endpoint is set", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { openTracing } = await import("@baton/telemetry");
    const open = (endpoint) => openTracing({
      config: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: 1, BATON_SHUTDOWN_MS: 1000 },
      service: "test", version: "1", life: { onClose() {} }, log: { warn() {} },
    });
    // prom-client loads the API, which does nothing by itself.
    const count = () => loaded.filter((url) => /@opentelemetry\\/(?!api\\/)/.test(url)).length;
    await open(undefined);
    const off = count();
    await open("http://127.0.0.1:4318");
    console.log(JSON.stringify({ off, on: count() > 0 }));
  `;
  const { stdout } = spawnSync(
    process.execPath,
    ["--conditions=@baton/source", "--input-type=module", "--eval", script],
    { cwd: join(ROOT, "tests"), encoding: "utf8" },
  );
  expect(JSON.parse(stdout)).toEqual({ off: 0, on: true });
});

function named(spans: readonly CollectedSpan[], name: string): readonly CollectedSpan[] {
  return spans.filter((span) => span.name === name);
}

/** idsOf is how a link names a span. */
function idsOf(span: CollectedSpan | undefined) {
  return { traceId: span?.traceId, spanId: span?.spanId };
}

/** treeOf draws what a span caused, each deeper by two spaces than its parent, in the order in which they began. */
function treeOf(
  spans: readonly CollectedSpan[],
  { traceId, spanId }: { readonly traceId: string; readonly spanId: string },
): readonly string[] {
  return spans
    .filter((span) => span.traceId === traceId && span.parentSpanId === spanId)
    .flatMap((span) => [
      `${span.service} ${span.kind} ${span.name}`,
      ...treeOf(spans, span).map((line) => `  ${line}`),
    ]);
}

/** tracedLines gives the log's lines of a handoff's requests and attempts, in their order, with their traces. */
function tracedLines(processes: readonly RunningProcess[], id: string): readonly unknown[] {
  return processes
    .flatMap(({ lines }) => lines)
    .filter(({ msg, handoffId, method }) => handoffId === id && (msg === "attempt" || method === "POST"))
    .map(({ msg, traceId }) => [msg, traceId]);
}
