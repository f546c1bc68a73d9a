import fc from "fast-check";
import { expect, it } from "vitest";
import { createRun } from "../testing/run.ts";
import { again, createConnector, createSpace, DELIVERED, openTestRedis, REJECTED, setup } from "../testing/space.ts";
import type { ClaimedAttempt } from "./claim-script-arguments-and-reply.ts";
import type { StoredHandoff } from "./handoff-record.ts";

type Step =
  | { readonly kind: "accept"; readonly contactId: string; readonly delayMs: number; readonly isPlaced: boolean }
  | { readonly kind: "claim"; readonly slots: number }
  | {
      readonly kind: "deliver" | "retry" | "reject" | "abandon" | "cancel" | "place" | "replay";
      readonly which: number;
    }
  | { readonly kind: "lose" }
  | { readonly kind: "run" }
  | { readonly kind: "pass"; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("accept" as const),
        contactId: fc.constantFrom("1", "2"),
        delayMs: fc.constantFrom(0, 0, 400),
        isPlaced: fc.constantFrom(true, true, true, false),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("claim" as const), slots: fc.integer({ min: 1, max: 4 }) }) },
    {
      weight: 9,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "deliver" as const,
          "deliver" as const,
          "retry" as const,
          "reject" as const,
          "abandon" as const,
          "cancel" as const,
          "place" as const,
          "replay" as const,
        ),
        which: fc.nat(),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "lose" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "run" as const }) },
    // Below zero: the clock of the next master is behind.
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: -400, max: 1_000 }) }),
    },
  ),
  { minLength: 10, maxLength: 80 },
);

/** A worker to which nothing is new for more than ten minutes. */
const LONG: Step[] = [
  { kind: "claim", slots: 1 },
  ...Array.from({ length: 11 }, () => ({ kind: "lose" as const })),
  { kind: "accept", contactId: "1", delayMs: 0, isPlaced: true },
];

/** Two that are tried again while another is before them: by the clock, and as a live one before an item. */
const ANOTHER_FIRST: Step[] = [
  { kind: "accept", contactId: "1", delayMs: 0, isPlaced: true },
  { kind: "accept", contactId: "2", delayMs: 0, isPlaced: true },
  { kind: "claim", slots: 2 },
  { kind: "reject", which: 1 },
  { kind: "run" },
  { kind: "claim", slots: 4 },
  { kind: "pass", ms: -300 },
  { kind: "accept", contactId: "1", delayMs: 0, isPlaced: true },
  { kind: "accept", contactId: "2", delayMs: 0, isPlaced: true },
  { kind: "claim", slots: 4 },
  { kind: "retry", which: 0 },
  { kind: "retry", which: 0 },
];

/** Member of the model's queues. */
interface Member {
  readonly id: string;
  readonly contactId: string;
  /** When it fell due first, microseconds, in the test's time. */
  dueAt: number;
  isPlaced: boolean;
  state: "queued" | "sending" | "dead" | "over";
  attempt?: ClaimedAttempt;
}

/** An item of a run is behind all live handoffs of its contact, by so much (AFTER_LIVE). Microseconds. */
const AFTER_LIVE_US = 4e15;

/** createQueues plays one connector's handoffs against a model of their contacts' queues. */
function createQueues(space: ReturnType<typeof createSpace>) {
  const connector = createConnector({ deadlineMs: 86_400_000, maxAttempts: 100, backoff: { baseMs: 10, capMs: 10 } });
  const members: Member[] = [];
  const pick = (state: Member["state"], which: number): Member | undefined => {
    const these = members.filter((member) => member.state === state);
    return these[which % Math.max(1, these.length)];
  };

  async function dueAtOf(id: string): Promise<number> {
    return Number(await space.redis.hget(`${space.tag}:h:${id}`, "ls")) + space.elapsed() * 1_000;
  }

  async function claim(slots: number): Promise<void> {
    const { attempts, faults } = await space.claim(connector, { slots });
    expect(faults).toEqual([]);
    for (const attempt of attempts) {
      const member = members.find(({ id }) => id === attempt.id);
      if (member === undefined) throw new Error("of another");
      const others = members.filter((other) => other !== member && other.contactId === member.contactId);
      expect(member).toMatchObject({ state: "queued", isPlaced: true });
      expect(others.filter(({ state }) => state === "sending")).toEqual([]);
      expect(others.filter(({ state, dueAt }) => state === "queued" && dueAt < member.dueAt)).toEqual([]);
      Object.assign(member, { state: "sending", attempt });
    }
  }

  async function accept({ contactId, delayMs, isPlaced }: Extract<Step, { kind: "accept" }>): Promise<void> {
    const accepted = await space.accept(connector, { contactId, delayMs });
    if (accepted.kind !== "accepted") throw new Error(accepted.kind);
    const { id } = accepted.stored.handoff;
    if (isPlaced) await space.handoffs.place(id);
    members.push({ id, contactId, dueAt: await dueAtOf(id), isPlaced, state: "queued" });
  }

  async function settle(member: Member, kind: "deliver" | "retry" | "reject" | "abandon"): Promise<void> {
    const { attempt } = member;
    if (attempt === undefined) throw new Error("not begun");
    if (kind === "abandon") await space.deliveries.abandon({ attempt, waitMs: 0 });
    else
      await space.settle(
        connector,
        attempt,
        kind === "deliver" ? DELIVERED : kind === "reject" ? REJECTED : again("unreachable", 200),
      );
    member.state = kind === "deliver" ? "over" : kind === "reject" ? "dead" : "queued";
  }

  async function replay(member: Member): Promise<void> {
    const replayed = await space.replay({ handoff: { id: member.id } } as StoredHandoff, {
      deadlineMs: 86_400_000,
      force: true,
    });
    expect(replayed.kind).toBe("replayed");
    Object.assign(member, { state: "queued", isPlaced: true, dueAt: await dueAtOf(member.id) });
  }

  /** Replays every dead letter as an item of a run: it comes after all live handoffs of its contact. */
  async function run(): Promise<void> {
    await (await createRun(space)).step();
    for (const member of members.filter(({ state }) => state === "dead")) {
      if ((await space.handoffs.read(member.id))?.handoff.status !== "queued") continue;
      Object.assign(member, { state: "queued", isPlaced: true, dueAt: (await dueAtOf(member.id)) + AFTER_LIVE_US });
    }
  }

  async function lose(): Promise<void> {
    await space.elapse(60_000);
    await space.giveBackStalled();
    for (const member of members) if (member.state === "sending") member.state = "queued";
    // An attempt is called interrupted by the claim that finds it; until then no other of its contact may go.
    await claim(100);
    await space.elapse(11);
  }

  async function play(step: Step): Promise<void> {
    if (step.kind === "pass") return space.elapse(step.ms);
    if (step.kind === "accept") return accept(step);
    if (step.kind === "claim") return claim(step.slots);
    if (step.kind === "lose") return lose();
    if (step.kind === "run") return run();
    const queued = step.kind === "cancel" || step.kind === "place";
    const member = pick(step.kind === "replay" ? "dead" : queued ? "queued" : "sending", step.which);
    if (member === undefined) return;
    if (step.kind === "replay") return replay(member);
    if (step.kind === "place") {
      await space.handoffs.place(member.id);
      member.isPlaced = true;
    } else if (step.kind === "cancel") {
      expect((await space.handoffs.cancel(member.id)).kind).toBe("cancelled");
      member.state = "over";
    } else await settle(member, step.kind);
  }

  const live = () => members.filter(({ state }) => state === "queued" || state === "sending");

  /**
   * None is left behind: once all have their place, and time passes, the first of each contact goes, to the very last
   * one.
   */
  async function finish(): Promise<void> {
    for (const member of live()) await play({ kind: "place", which: live().indexOf(member) });
    for (const { id } of live()) await space.handoffs.place(id);
    for (const member of live()) member.isPlaced = true;
    for (let left = members.length * 3 + 3; live().length > 0 && left > 0; left--) {
      await space.elapse(1_500);
      await claim(100);
      for (const member of members.filter(({ state }) => state === "sending")) await settle(member, "deliver");
    }
    expect(live()).toEqual([]);
    // What was cancelled leaves its job, and the gate it was parked at, to a later claim.
    await space.elapse(60_000);
    await claim(100);
  }

  return { play, finish };
}

it("signals a contact in order and one at a time, whatever joins, retries, is cancelled, dies, is lost or replayed, by hand or by a run, and however the clock jumps", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const space = createSpace(redis);
      const queues = createQueues(space);
      for (const step of list) await queues.play(step);
      await queues.finish();
      for (const kind of [
        "contact",
        "parked",
        "queued",
        "retries",
        "due",
        "sending",
        "gates",
        "handoffs:ho_*",
        "handoffs:active",
      ]) {
        expect(await redis.keys(`${space.tag}:${kind}*`), kind).toEqual([]);
      }
    }),
    { numRuns: 20, examples: [[LONG], [ANOTHER_FIRST]] },
  );
});

it("lets the next one go when the first ends, without a search through those that wait", async () => {
  const { queued, sending, settle, waits, claim } = await setup();
  const connector = createConnector();
  const [first, second, third] = [
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "1" }),
  ];
  const attempt = await sending(connector, first);
  expect(await waits(connector, second)).toBe("order");
  expect((await claim(connector)).nextAt).toBeGreaterThan(second.handoff.deadlineAt);
  await settle(connector, attempt, DELIVERED);
  expect((await claim(connector)).attempts).toMatchObject([{ id: second.handoff.id }]);
  expect(await waits(connector, third)).toBe("order");
});

it("keeps its place through a retry: who came later waits, also once the retry is due", async () => {
  const { queued, sending, settle, waits, claim, elapse } = await setup();
  const connector = createConnector();
  const [first, second] = [await queued(connector, { contactId: "1" }), await queued(connector, { contactId: "1" })];
  await settle(connector, await sending(connector, first), again("unavailable", 3_000));
  expect(await waits(connector, second)).toBe("order");
  await elapse(3_001);
  expect((await claim(connector)).attempts).toMatchObject([{ id: first.handoff.id, number: 2 }]);
  expect(await waits(connector, second)).toBe("order");
});

it("puts one whose delay is not over behind all that are due", async () => {
  const { queued, claim, elapse } = await setup();
  const connector = createConnector();
  const delayed = await queued(connector, { contactId: "1", delayMs: 5_000 });
  const due = await queued(connector, { contactId: "1" });
  expect((await claim(connector)).attempts).toMatchObject([{ id: due.handoff.id }]);
  await elapse(5_001);
  expect((await claim(connector)).attempts).toEqual([]);
  expect(delayed.handoff.waitingFor).toBe("delay");
});

/** How far the next master's clock is behind: longer than a busy machine takes for two handoffs. */
const BEHIND_MS = -10_000;

it("never signals a contact twice at once where the next master's clock is behind", async () => {
  const { queued, sending, settle, waits, claim, elapse } = await setup();
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const attempt = await sending(connector, first);
  await elapse(BEHIND_MS);
  // It fell due before the one that is being sent, as the clocks say.
  const earlier = await queued(connector, { contactId: "1" });
  expect(earlier.handoff.acceptedAt).toBeLessThan(first.handoff.acceptedAt - BEHIND_MS);
  expect(await waits(connector, earlier)).toBe("order");
  await settle(connector, attempt, DELIVERED);
  expect((await claim(connector)).attempts).toMatchObject([{ id: earlier.handoff.id }]);
});

it("lets that earlier one go where the first is tried again: neither waits for the other until both expire", async () => {
  const { queued, sending, settle, waits, elapse } = await setup();
  const connector = createConnector();
  const first = await queued(connector, { contactId: "1" });
  const attempt = await sending(connector, first);
  await elapse(BEHIND_MS);
  const earlier = await queued(connector, { contactId: "1" });
  expect(await waits(connector, earlier)).toBe("order");
  await settle(connector, attempt, again("unreachable", 1_000));
  await settle(connector, await sending(connector, earlier), DELIVERED);
  await elapse(1_001);
  await settle(connector, await sending(connector, first), DELIVERED);
});

it("keeps one at its gate that was passed over for one that ends in the same claim", async () => {
  const { queued, claim, elapse, sending } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  await sending(connector, await queued(connector));
  const parked = await queued(connector, { contactId: "1" });
  await claim(connector);
  // Accepted by a next master whose clock is behind: it is before the parked one, and expires before a worker sees it.
  await elapse(-300);
  await queued(connector, { contactId: "1", deadlineMs: 1_000, rate: null });
  await elapse(1_301);
  await claim(connector);
  await sending(connector, parked);
});

it("gives each acceptance of one moment a place of its own, in the order in which they were asked for", async () => {
  const { accept, claim, handoffs, settle } = await setup();
  const connector = createConnector();
  const accepted = await Promise.all(Array.from({ length: 20 }, () => accept(connector, { contactId: "1" })));
  const ids = accepted.map((each) => (each.kind === "accepted" ? each.stored.handoff.id : each.kind));
  await Promise.all(ids.map((id) => handoffs.place(id)));
  const sent: string[] = [];
  for (let i = 0; i < ids.length; i++) {
    const [attempt] = (await claim(connector)).attempts;
    if (attempt === undefined) throw new Error("none is next");
    sent.push(attempt.id);
    await settle(connector, attempt, DELIVERED);
  }
  expect(sent).toEqual(ids);
});

it("lets the next one go also where the one before is cancelled, expires or dies with its worker", async () => {
  const { queued, claim, handoffs, elapse, read, giveBackStalled } = await setup();
  const connector = createConnector({ guarantee: "at-most-once" });
  const [cancelled, expired, lost, last] = [
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "1", deadlineMs: 1_000 }),
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "1" }),
  ];
  await claim({ ...connector, paused: true });
  await handoffs.cancel(cancelled.handoff.id);
  await elapse(1_001);
  expect((await read(expired)).handoff.reason).toBe("expired");
  await claim(connector);
  await elapse(10);
  expect((await claim(connector)).attempts.map(({ id }) => id)).toEqual([lost.handoff.id]);
  await elapse(5_001);
  await giveBackStalled();
  const { attempts } = await claim(connector);
  expect((await read(lost)).handoff.reason).toBe("unknown");
  const next = attempts.length > 0 ? attempts : (await claim(connector)).attempts;
  expect(next.map(({ id }) => id)).toEqual([last.handoff.id]);
});

it("never holds one contact for another, nor one connector's for another's", async () => {
  const { queued, claim } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const stored = [
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "11" }),
    await queued(other, { contactId: "1" }),
  ];
  const { attempts } = await claim([connector, other]);
  expect(attempts.map(({ id }) => id)).toEqual(stored.map(({ handoff }) => handoff.id));
});
