import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

const figures = {
  shards: [{ shard: 0, waiting: 1, active: 2, delayed: 3, parked: 8 }],
  connectors: [
    {
      id: "cn_1",
      queued: 4,
      due: 2,
      oldestQueuedMs: 1500,
      deadlineUsed: 0.25,
      breakerOpen: true,
      paused: false,
      deadLetters: { rejected: 5 },
    },
  ],
  paused: true,
  workers: 6,
  runs: [{ kind: "replay", status: "paused", count: 3 } as const],
  redisMemoryBytes: 7,
  redisMemoryLimitBytes: 0,
};

it("shows at 0 what an alert waits for, from the first that is counted of a connector", async () => {
  const metrics = createMetrics({ version: "1.2.3" });
  metrics.attempts.inc({ connector: "cn_1", outcome: "accepted" });
  const text = (await metrics.expose()).text;
  for (const reason of ["rejected", "expired", "exhausted", "unknown", "credentials", "configuration"]) {
    expect(text).toContain(`baton_handoffs_ended_total{connector="cn_1",status="dead",reason="${reason}"} 0`);
  }
  expect(text).toContain('baton_possible_duplicates_total{connector="cn_1"} 0');
  for (const reason of ["backlog-full", "queue-unavailable"])
    expect(text).toContain(`baton_handoffs_refused_total{reason="${reason}"} 0`);
});

it("writes every counter and histogram of the contract by its name and labels", async () => {
  const metrics = createMetrics({ version: "1.2.3" });
  const connector = "cn_1";
  metrics.handoffsAccepted.inc({ connector });
  metrics.handoffsRefused.inc({ reason: "backlog-full" });
  metrics.handoffsEnded.inc({ connector, status: "dead", reason: "rejected" });
  metrics.attempts.inc({ connector, outcome: "ambiguous" });
  metrics.possibleDuplicates.inc({ connector });
  metrics.replays.inc({ result: "replayed" }, 2);
  metrics.tokenRequests.inc({ connector, result: "granted" });
  metrics.stalled.inc();
  metrics.reconciled.inc(3);
  metrics.deliverySeconds.observe({ connector }, 0.02);
  metrics.signalSeconds.observe({ connector }, 100);
  metrics.observeRequest({ route: "/v1/handoffs", method: "POST", status: 202, durationMs: 7 }, {});
  metrics.observeRedis({ up: true, offsetMs: 250, onHeartbeat: (observe) => observe(3) });
  const lines = (await metrics.expose()).text.split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'baton_handoffs_accepted_total{connector="cn_1"} 1',
      'baton_handoffs_refused_total{reason="backlog-full"} 1',
      'baton_handoffs_ended_total{connector="cn_1",status="dead",reason="rejected"} 1',
      'baton_attempts_total{connector="cn_1",outcome="ambiguous"} 1',
      'baton_possible_duplicates_total{connector="cn_1"} 1',
      'baton_replays_total{result="replayed"} 2',
      'baton_token_requests_total{connector="cn_1",result="granted"} 1',
      "baton_stalled_total 1",
      "baton_reconciled_total 3",
      'baton_delivery_seconds_bucket{le="0.025",connector="cn_1"} 1',
      'baton_signal_seconds_bucket{le="60",connector="cn_1"} 0',
      'baton_http_request_seconds_bucket{le="0.01",route="/v1/handoffs",method="POST",status="202"} 1',
      "baton_redis_up 1",
      "baton_clock_offset_seconds -0.25",
      'baton_redis_round_trip_seconds_bucket{le="0.005"} 1',
      'baton_build_info{version="1.2.3"} 1',
    ]),
  );
  expect(lines.some((line) => line.startsWith("process_cpu_seconds_total"))).toBe(true);
});

/** A heartbeat that Redis has not answered. */
const DOWN = { up: false, offsetMs: 0, onHeartbeat: (observe: (ms: undefined) => void) => observe(undefined) };

it("shows that Redis is down, and keeps no queue gauges that it does not read", async () => {
  const metrics = createMetrics({ version: "1" });
  metrics.observeRedis(DOWN);
  const text = (await metrics.expose()).text;
  expect(text).toContain("baton_redis_up 0\n");
  expect(text).not.toMatch(/baton_(queue|queued|workers|dead_letters)/);
});

it("reads the queue's figures anew for each scrape", async () => {
  const metrics = createMetrics({ version: "1" });
  const readings = [figures, { ...figures, connectors: [] }];
  metrics.registerQueueGauges(async () => readings.shift() ?? figures);
  expect((await metrics.expose()).text.split("\n")).toEqual(
    expect.arrayContaining([
      'baton_queue_depth{shard="0",state="delayed"} 3',
      'baton_queue_depth{shard="0",state="parked"} 8',
      'baton_queued{connector="cn_1"} 4',
      'baton_oldest_queued_seconds{connector="cn_1"} 1.5',
      'baton_dead_letters{connector="cn_1",reason="rejected"} 5',
      'baton_breaker_open{connector="cn_1"} 1',
      'baton_due{connector="cn_1"} 2',
      'baton_deadline_used_ratio{connector="cn_1"} 0.25',
      'baton_paused{connector="cn_1"} 0',
      'baton_paused{connector=""} 1',
      "baton_workers 6",
      'baton_runs{kind="replay",status="paused"} 3',
      "baton_redis_memory_bytes 7",
      "baton_redis_memory_limit_bytes 0",
    ]),
  );
  expect((await metrics.expose()).text).not.toContain("cn_1");
});

it.each([
  ["fails", () => Promise.reject(new Error("connection refused"))],
  ["hangs", () => new Promise<never>(() => undefined)],
])("answers without queue gauges when Redis %s", async (_how, read) => {
  const metrics = createMetrics({ version: "1" });
  metrics.observeRedis(DOWN);
  metrics.registerQueueGauges(read);
  const text = (await metrics.expose()).text;
  expect(text).toContain("baton_redis_up 0");
  expect(text).not.toContain("baton_workers");
});

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

it("names the last trace of a bucket to a scraper that asks for OpenMetrics, and keeps the text format as it is", async () => {
  const metrics = createMetrics({ version: "1", hasExemplars: true });
  metrics.registerQueueGauges(async () => figures);
  metrics.handoffsAccepted.inc({ connector: "cn_1" });
  metrics.signalSeconds.observe({ connector: "cn_1" }, 0.02, TRACE);
  metrics.signalSeconds.observe({ connector: "cn_1" }, 0.2, TRACE.replace(/01$/, "00"));
  const before = await metrics.expose();
  const { type, text } = await metrics.expose(OPEN_METRICS);
  expect(type).toMatch(/^application\/openmetrics-text/);
  expect(text).toMatch(
    /baton_signal_seconds_bucket\{le="0.025",connector="cn_1"\} 1 # \{trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="00f067aa0ba902b7"\} 0.02 /,
  );
  expect(text.match(/trace_id/g)).toHaveLength(1);
  expect(text).toContain('baton_handoffs_accepted_total{connector="cn_1"} 1');
  expect(text).toMatch(/baton_workers 6\n(.*\n)*# EOF\n$/);
  const after = await metrics.expose();
  expect(after.type).toMatch(/^text\/plain/);
  const accepted = 'baton_handoffs_accepted_total{connector="cn_1"} 1';
  expect([before.text.includes(accepted), after.text.includes(accepted)]).toEqual([true, true]);
  expect(before.text).not.toContain("trace_id");
});

it("keeps no exemplars where nothing is traced, whatever a scraper asks for", async () => {
  const metrics = createMetrics({ version: "1" });
  metrics.signalSeconds.observe({ connector: "cn_1" }, 0.02, TRACE);
  const { type, text } = await metrics.expose(OPEN_METRICS);
  expect(type).toMatch(/^text\/plain/);
  expect(text).not.toContain("trace_id");
});

it("is described in docs/operations.md, each metric by its name", async () => {
  const metrics = createMetrics({ version: "1" });
  metrics.observeRedis({ up: true, offsetMs: 0, onHeartbeat: (observe) => observe(3) });
  metrics.registerWorkerSlots(1, () => 0);
  metrics.registerQueueGauges(async () => figures);
  const text = (await metrics.expose()).text;
  const names = [...text.matchAll(/^# TYPE (baton_\w+) /gm)].map(([, name]) => name);
  const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `baton_"));
  const described = rows.flatMap((row) =>
    [...(row.split(" | ")[0] ?? "").matchAll(/baton_\w+/g)].map(([name]) => name),
  );
  expect(described.toSorted()).toEqual(names.toSorted());
});
