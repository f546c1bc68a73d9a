import { Counter, Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { ConnectorLabels, OTHERS } from "./connector-metric-labels.ts";
import { createMetrics } from "./metrics.ts";

const HOUR_MS = 3_600_000;

function setup(max: number) {
  let now = 0;
  const labels = new ConnectorLabels({ max, now: () => now });
  const registry = new Registry();
  const counter = new Counter({
    name: "counted",
    help: "-",
    labelNames: ["connector", "outcome"],
    registers: [registry],
  });
  const histogram = new Histogram({ name: "timed", help: "-", labelNames: ["connector"], registers: [registry] });
  labels.register(counter);
  labels.register(histogram);
  const count = (id: string, outcome = "accepted") => {
    const connector = labels.labelOf(id);
    counter.inc({ connector, outcome });
    histogram.observe({ connector }, 1);
    return connector;
  };
  const lines = async () =>
    (await registry.metrics()).split("\n").filter((line) => /^(counted|timed_count)\{/.test(line));
  const pass = (ms: number) => {
    now += ms;
  };
  return { labels, count, lines, pass };
}

it("gives as many connectors a label of their own as there is room for, and counts the others together", async () => {
  const { count, lines } = setup(2);
  expect(["a", "b", "c", "d", "a"].map((id) => count(id))).toEqual(["a", "b", OTHERS, OTHERS, "a"]);
  expect(await lines()).toEqual([
    'counted{connector="a",outcome="accepted"} 2',
    'counted{connector="b",outcome="accepted"} 1',
    'counted{connector="other",outcome="accepted"} 2',
    'timed_count{connector="a"} 2',
    'timed_count{connector="b"} 1',
    'timed_count{connector="other"} 2',
  ]);
});

it("gives the label of one that was idle for an hour to another, and never that of one in use", async () => {
  const { labels, count, lines, pass } = setup(2);
  count("a");
  pass(HOUR_MS / 2);
  count("b");
  count("a");
  pass(HOUR_MS / 2);
  expect(count("c")).toBe(OTHERS);
  pass(HOUR_MS / 2);
  count("a");
  expect(count("c")).toBe("c");
  expect(labels.ids()).toEqual(["a", "c"]);
  await expect.poll(async () => (await lines()).some((line) => line.includes('"b"'))).toBe(false);
  expect((await lines()).filter((line) => line.startsWith("timed"))).toEqual([
    'timed_count{connector="a"} 3',
    'timed_count{connector="other"} 1',
    'timed_count{connector="c"} 1',
  ]);
});

it("forgets all that was counted of a connector, and nothing of another", async () => {
  const metrics = createMetrics({ version: "1" });
  for (const connector of ["cn_gone", "cn_stays"]) {
    metrics.handoffsAccepted.inc({ connector });
    for (const outcome of ["accepted", "ambiguous"] as const) metrics.attempts.inc({ connector, outcome });
    metrics.handoffsEnded.inc({ connector, status: "dead", reason: "rejected" });
    metrics.possibleDuplicates.inc({ connector });
    metrics.tokenRequests.inc({ connector, result: "granted" });
    metrics.deliverySeconds.observe({ connector }, 0.1);
    metrics.signalSeconds.observe({ connector }, 0.1);
  }
  const before = (await metrics.expose()).text;
  await metrics.forgetConnectors(["cn_gone"]);
  const after = (await metrics.expose()).text;
  const seriesOf = (text: string, id: string) =>
    text.split("\n").filter((line) => line.includes(id) && !/^#/.test(line));
  expect(seriesOf(after, "cn_gone")).toEqual([]);
  expect(seriesOf(after, "cn_stays")).toEqual(seriesOf(before, "cn_stays"));
  expect(metrics.connectors()).toEqual(["cn_stays"]);
});
