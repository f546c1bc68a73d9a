import { createBatonClient, type HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { createWorld, ended, type World } from "./world/world.ts";

interface Kind {
  readonly name: string;
  readonly count: number;
  /** `status reason` as the table of outcomes says, and how many requests reach CXone. */
  readonly ends: string;
  readonly requests: number;
  readonly connector?: "careful" | "locked-out";
  readonly deadlineMs?: number;
  readonly fault?: (world: World, contactId: string) => void;
}

const KINDS: readonly Kind[] = [
  { name: "plain", count: 560, ends: "delivered", requests: 1 },
  { name: "503 once", count: 80, ends: "delivered", requests: 2, fault: answer({ status: 503, times: 1 }) },
  { name: "answer lost once", count: 60, ends: "delivered", requests: 2, fault: answer({ reset: "after", times: 1 }) },
  { name: "500 twice", count: 40, ends: "delivered", requests: 3, fault: answer({ status: 500, times: 2 }) },
  { name: "throttled once", count: 20, ends: "delivered", requests: 2, fault: answer({ status: 429, times: 1 }) },
  {
    name: "contact ended",
    count: 60,
    ends: "dead rejected",
    requests: 1,
    fault: (world, id) => world.simulator.contact(id, "ended"),
  },
  { name: "always 502", count: 40, ends: "dead exhausted", requests: 4, fault: answer({ status: 502 }) },
  {
    name: "redirected",
    count: 20,
    ends: "dead configuration",
    requests: 1,
    fault: answer({ redirectTo: "http://127.0.0.1:9/" }),
  },
  { name: "careful, plain", count: 60, ends: "delivered", requests: 1, connector: "careful" },
  {
    name: "careful, answer lost",
    count: 40,
    ends: "dead unknown",
    requests: 1,
    connector: "careful",
    fault: answer({ reset: "after" }),
  },
  { name: "locked out", count: 20, ends: "dead credentials", requests: 0, connector: "locked-out" },
];

function answer(fault: Parameters<World["simulator"]["answer"]>[0]) {
  return (world: World, contactId: string) => void world.simulator.answer({ on: "signal", contactId, ...fault });
}

/**
 * Everything runs in one process here, which is slow to accept connections while it is busy: no answer is late for
 * that. Milliseconds.
 */
const PATIENT = { attemptTimeoutMs: 20_000 };

async function setup() {
  const world = await createWorld();
  const eager = await world.createConnector({
    delivery: { ...PATIENT, maxAttempts: 4, backoff: { baseMs: 50, capMs: 200 } },
  });
  const careful = await world.createConnector({
    delivery: { ...PATIENT, guarantee: "at-most-once", backoff: { baseMs: 50, capMs: 200 } },
  });
  const lockedOut = await world.createConnector({ credentials: { accessKeySecret: "wrong" } });
  world.simulator.accessKey({ accessKeyId: lockedOut.accessKeyId, accessKeySecret: "right" });
  const ingress = await world.startIngress();
  const workers = [await world.startWorker(), await world.startWorker()];
  const admin = await world.startAdmin();
  const client = (token: string) =>
    createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token, adminKey: admin.key });
  const clients = { eager: client(eager.token), careful: client(careful.token), "locked-out": client(lockedOut.token) };
  return { ...world, clients, metricsOf: [ingress.url, admin.url, ...workers.map(({ url }) => url)] };
}

it("ends a thousand handoffs as the table says, and shows the same everywhere", {
  timeout: 120_000,
}, async () => {
  const world = await setup();
  const sent = KINDS.flatMap((kind, k) =>
    Array.from({ length: kind.count }, (_, i) => ({ kind, contactId: String((k + 1) * 10_000 + i) })),
  );
  expect(sent).toHaveLength(1_000);
  for (const { kind, contactId } of sent) kind.fault?.(world, contactId);
  // Kinds are mixed, as they come in life: the breaker of a connector looks at them together.
  sent.sort((a, b) => Number(a.contactId.slice(-4)) - Number(b.contactId.slice(-4)));

  const accepted: { kind: Kind; id: string }[] = [];
  // As from fifty callers: a thousand in one process would measure that process, not Baton.
  for (let from = 0; from < sent.length; from += 50) {
    accepted.push(
      ...(await Promise.all(
        sent.slice(from, from + 50).map(async ({ kind, contactId }) => {
          const { id } = await world.clients[kind.connector ?? "eager"].send({ contactId, params: { p1: kind.name } });
          return { kind, id };
        }),
      )),
    );
  }
  const all = await Promise.all(
    accepted.map(async ({ kind, id }) => ({
      kind,
      handoff: await ended(world.clients[kind.connector ?? "eager"], id, 100_000),
    })),
  );

  expect(tally(all.map(({ kind, handoff }) => `${kind.name}: ${endOf(handoff)}`))).toEqual(
    tally(all.map(({ kind }) => `${kind.name}: ${kind.ends}`)),
  );
  const requests = Map.groupBy(world.simulator.signals(), ({ contactId }) => contactId);
  expect(tally(sent.map(({ kind, contactId }) => `${kind.name} ${requests.get(contactId)?.length ?? 0}`))).toEqual(
    tally(sent.map(({ kind }) => `${kind.name} ${kind.requests}`)),
  );
  const handoffs = all.map(({ handoff }) => handoff);
  await expectMetrics(world, handoffs);
  const overview = await world.clients.eager.overview();
  expect(overview.handoffs).toMatchObject({ queued: 0, sending: 0 });
  expect(overview.deadLetters.total).toBe(handoffs.filter(({ status }) => status === "dead").length);
});

/** Metrics of all processes, added up, say what the API says. */
async function expectMetrics(
  { metricsOf }: { metricsOf: readonly string[] },
  handoffs: readonly HandoffJson[],
): Promise<void> {
  const read = async () =>
    (await Promise.all(metricsOf.map(async (url) => (await fetch(`${url}/metrics`)).text()))).join("\n");
  const endings = tally(handoffs.map(endOf));
  await expect
    .poll(async () => sumBy(await read(), "baton_handoffs_ended_total", ["status", "reason"]), { timeout: 20_000 })
    .toEqual(endings);
  const text = await read();
  expect(sumBy(text, "baton_attempts_total", ["outcome"])).toEqual(
    tally(handoffs.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome))),
  );
  expect(sumBy(text, "baton_handoffs_accepted_total", [])).toEqual({ "": handoffs.length });
  expect(sumBy(text, "baton_possible_duplicates_total", [])).toEqual({ "": duplicates(handoffs) });
}

/** How many requests were sent after one that may have arrived. */
function duplicates(handoffs: readonly HandoffJson[]): number {
  return handoffs.reduce((sum, { attempts }) => {
    const first = attempts.findIndex(({ outcome }) => outcome === "ambiguous" || outcome === "interrupted");
    return first < 0 ? sum : sum + attempts.slice(first + 1).filter(({ outcome }) => outcome !== "unreachable").length;
  }, 0);
}

function endOf({ status, reason }: HandoffJson): string {
  return reason === undefined ? status : `${status} ${reason}`;
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Adds up a counter's series by the values of some labels. */
function sumBy(text: string, name: string, labels: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [, series = "", value] of text.matchAll(new RegExp(`^${name}(?:\\{([^}]*)\\})? (\\S+)$`, "gm"))) {
    // A reason without dead letters is shown, too.
    if (Number(value) === 0) continue;
    const key = labels
      .map((label) => new RegExp(`${label}="([^"]*)"`).exec(series)?.[1] ?? "")
      .join(" ")
      .trim();
    sums[key] = (sums[key] ?? 0) + Number(value);
  }
  return sums;
}
