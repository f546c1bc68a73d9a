import fc from "fast-check";
import { expect, it } from "vitest";
import { again, createConnector, createSpace, DELIVERED, openTestRedis, REJECTED, setup } from "../testing/space.ts";
import type { BegunAttempt } from "./delivery-store.ts";
import type { StoredHandoff } from "./handoff-record.ts";

type Step =
  | { readonly kind: "accept"; readonly contactId: string; readonly delayMs: number }
  | { readonly kind: "begin" | "deliver" | "retry" | "reject" | "cancel" | "die" | "replay"; readonly which: number }
  | { readonly kind: "pass"; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("accept" as const),
        contactId: fc.constantFrom("1", "2"),
        delayMs: fc.constantFrom(0, 0, 400),
      }),
    },
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "begin" as const,
          "begin" as const,
          "begin" as const,
          "deliver" as const,
          "retry" as const,
          "reject" as const,
          "cancel" as const,
          "die" as const,
          "replay" as const,
        ),
        which: fc.nat(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 1_000 }) }) },
  ),
  { minLength: 10, maxLength: 80 },
);

/** Member of the model's line: where it stands is when it fell due, ties by acceptance. */
interface Member {
  stored: StoredHandoff;
  /** In the test's time. */
  since: number;
  turn: number;
  state: "queued" | "sending" | "dead" | "over";
  attempt?: BegunAttempt;
}

/** createLine plays one connector's handoffs against a model of their lines. */
function createLine(space: ReturnType<typeof createSpace>) {
  const connector = createConnector();
  const members: Member[] = [];
  let turns = 0;

  const ahead = (member: Member) =>
    members.filter(
      (other) =>
        other !== member &&
        (other.state === "queued" || other.state === "sending") &&
        other.stored.handoff.contactId === member.stored.handoff.contactId &&
        (other.since < member.since || (other.since === member.since && other.turn < member.turn)),
    );

  async function begin(member: Member): Promise<void> {
    const begun = await space.begin(connector, member.stored);
    switch (begun.kind) {
      case "sending":
        expect(ahead(member)).toEqual([]);
        member.state = "sending";
        member.attempt = begun.attempt;
        return;
      case "wait":
        if (begun.waitingFor === "order") expect(ahead(member)).not.toEqual([]);
        return;
      case "ended":
      case "drop":
      case "newer":
        throw new Error(`${begun.kind} of one that is queued`);
    }
  }

  async function settle(member: Member, kind: "deliver" | "retry" | "reject"): Promise<void> {
    if (member.attempt === undefined) throw new Error("not begun");
    const verdict = kind === "deliver" ? DELIVERED : kind === "reject" ? REJECTED : again("unreachable", 200);
    await space.settle(connector, member.attempt, verdict);
    member.state = kind === "deliver" ? "over" : kind === "reject" ? "dead" : "queued";
  }

  const pick = (state: Member["state"], which: number): Member | undefined => {
    const these = members.filter((member) => member.state === state);
    return these[which % Math.max(1, these.length)];
  };

  async function play(step: Step): Promise<void> {
    if (step.kind === "pass") return space.elapse(step.ms);
    if (step.kind === "accept") {
      const stored = await space.queued(connector, { ...step, deadlineMs: 86_400_000 });
      members.push({ stored, since: (stored.handoff.nextAttemptAt ?? 0) + space.elapsed(), turn: turns++, state: "queued" });
      return;
    }
    const state = step.kind === "replay" ? "dead" : step.kind === "begin" || step.kind === "cancel" ? "queued" : "sending";
    const member = pick(state, step.which);
    if (member === undefined) return;
    if (step.kind === "begin") return begin(member);
    if (step.kind === "cancel") {
      expect((await space.handoffs.cancel(member.stored.handoff.id)).kind).toBe("cancelled");
      member.state = "over";
      return;
    }
    if (step.kind === "replay") {
      const replayed = await space.replay(member.stored, { deadlineMs: 86_400_000 });
      if (replayed.kind !== "replayed") throw new Error(replayed.kind);
      Object.assign(member, { stored: replayed.stored, state: "queued", turn: turns++ });
      member.since = (replayed.stored.handoff.nextAttemptAt ?? 0) + space.elapsed();
      return;
    }
    await settle(member, step.kind === "die" ? "reject" : step.kind);
  }

  return { members, begin, settle, play, ahead };
}

it("signals a contact in order and one at a time, whatever joins, retries, is cancelled, dies or is replayed", async () => {
  const redis = await openTestRedis();
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const space = createSpace(redis);
      const line = createLine(space);
      for (const step of list) {
        await line.play(step);
        for (const contactId of ["1", "2"]) {
          const live = line.members.filter(({ state, stored }) => state === "sending" && stored.handoff.contactId === contactId);
          expect(live.length).toBeLessThanOrEqual(1);
        }
      }
      // Nobody is left behind: once time has passed, the first of each line may go, to the very last one.
      for (
        let left = line.members.length * 3;
        line.members.some(({ state }) => state === "queued" || state === "sending") && left > 0;
        left--
      ) {
        await space.elapse(1_500);
        for (const member of line.members.filter(({ state }) => state === "queued")) await line.begin(member);
        for (const member of line.members.filter(({ state }) => state === "sending")) await line.settle(member, "deliver");
      }
      expect(line.members.filter(({ state }) => state === "queued" || state === "sending")).toEqual([]);
      expect((await redis.keys(`${space.tag}:line:*`)).length).toBe(0);
    }),
    { numRuns: 20 },
  );
});

it("wakes the next one when the first ends, and notes it for whoever promotes it later", async () => {
  const { queued, sending, settle, begin, deliveries, tag } = await setup();
  const connector = createConnector();
  const [first, second] = [await queued(connector, { contactId: "1" }), await queued(connector, { contactId: "1" })];
  const attempt = await sending(connector, first);
  expect(await begin(connector, second)).toMatchObject({ kind: "wait", waitingFor: "order" });
  const wake = `${second.handoff.id}-1`;
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ wake });
  expect(await deliveries.takeWakes(tag, 10)).toEqual([wake]);
  expect(await deliveries.takeWakes(tag, 10)).toEqual([]);
  expect((await begin(connector, second)).kind).toBe("sending");
});

it("keeps its place through a retry: who came later waits", async () => {
  const { queued, sending, settle, begin, elapse } = await setup();
  const connector = createConnector();
  const [first, second] = [await queued(connector, { contactId: "1" }), await queued(connector, { contactId: "1" })];
  await settle(connector, await sending(connector, first), again("unavailable", 3_000));
  expect(await begin(connector, second)).toMatchObject({ kind: "wait", waitingFor: "order" });
  await elapse(3_001);
  expect(await begin(connector, second)).toMatchObject({ kind: "wait", waitingFor: "order" });
  expect((await begin(connector, first)).kind).toBe("sending");
});

it("looks again when the first of the line may go, at most half a second late", async () => {
  const { queued, sending, settle, begin } = await setup();
  const connector = createConnector();
  const [first, second] = [await queued(connector, { contactId: "1" }), await queued(connector, { contactId: "1" })];
  await settle(connector, await sending(connector, first), again("unavailable", 8_000));
  const waiting = await begin(connector, second);
  if (waiting.kind !== "wait") throw new Error(waiting.kind);
  expect(waiting.waitMs).toBeGreaterThan(500);
  expect(waiting.waitMs).toBeLessThanOrEqual(8_000);
});

it("never holds one contact for another, nor one connector's for another's", async () => {
  const { queued, sending, begin } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  await sending(connector, await queued(connector, { contactId: "1" }));
  expect((await begin(connector, await queued(connector, { contactId: "11" }))).kind).toBe("sending");
  expect((await begin(other, await queued(other, { contactId: "1" }))).kind).toBe("sending");
});
