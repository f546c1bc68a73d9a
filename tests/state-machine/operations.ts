/** The rows of docs/state-machine.md: the first word of each is its script. Each gives what the script answers. */
import { FAR_FUTURE } from "../../packages/domain/testing/connector.ts";
import { ACCEPTED, REJECTED, UNREACHABLE } from "./states.ts";
import { newId, type TestHandoff } from "./test-handoff.ts";

export const OPERATIONS: Readonly<Record<string, (subject: TestHandoff) => Promise<string>>> = {
  "accept (the same id again)": (subject) => subject.accept(),
  "accept (its idempotency key)": (subject) => subject.accept({ id: newId("ho") }),
  read: (subject) => subject.read(),
  "read (by its idempotency key)": (subject) => subject.findByKey(),
  page: (subject) => subject.page(),
  place: (subject) => subject.place(),
  withdraw: (subject) => subject.withdraw(),
  claim: (subject) => subject.claim(),
  "claim (its token again)": (subject) => subject.claimAgain(),
  "claim (too late)": (subject) => subject.claim({ commandDeadline: 1 }),
  "claim (everything is paused)": (subject) => subject.claim({ everything: "paused" }),
  "claim (its connector is paused)": (subject) =>
    subject.claim({ destination: { ...ready(subject), pausedUntil: FAR_FUTURE } }),
  "claim (keys refused)": (subject) =>
    subject.claim({
      destination: {
        kind: "refused",
        until: FAR_FUTURE,
        reason: "credentials",
        httpStatus: 401,
        detail: "invalid_client",
      },
    }),
  "claim (address refused)": (subject) =>
    subject.claim({
      destination: { kind: "refused", until: FAR_FUTURE, reason: "configuration", detail: "host not allowed" },
    }),
  "claim (a key is missing)": (subject) => subject.claim({ destination: { kind: "keys", until: FAR_FUTURE } }),
  "claim (destination unknown)": (subject) => subject.claim({ table: "unknown.1", destination: "unknown" }),
  "claim (destination of an older version)": async (subject) => {
    await subject.claim({ slots: 0 });
    return subject.claim({ table: "worker.2", destination: "unsent" });
  },
  "claim (at its share)": (subject) => subject.claim({ limit: 0 }),
  "settle (delivered)": (subject) => subject.settleWith({ kind: "delivered" }, ACCEPTED),
  "settle (try again later)": (subject) => subject.settleWith(RETRY, UNREACHABLE),
  "settle (try again at once)": (subject) => subject.settleWith({ ...RETRY, waitMs: 0 }, UNREACHABLE),
  "settle (token refused)": (subject) =>
    subject.settleWith(
      { ...RETRY, waitingFor: "token", counted: false },
      { kind: "unauthorized", httpStatus: 401, renewal: "pending" },
    ),
  "settle (rejected)": (subject) => subject.settleWith({ kind: "dead", reason: "rejected" }, REJECTED),
  "settle (another token)": (subject) => subject.settleWith({ kind: "delivered" }, ACCEPTED, "another.1"),
  "settle (nothing was sent)": (subject) => subject.abandon(0),
  "settle (nothing was sent, go on later)": (subject) => subject.abandon(1_000),
  cancel: (subject) => subject.cancel(),
  replay: (subject) => subject.replay(false),
  "replay (force)": (subject) => subject.replay(true),
  discard: (subject) => subject.discard(),
  resume: async (subject) => (await subject.resume(subject.connector.id)).join(", ") || "nothing",
  reconcile: (subject) => subject.reconcile(),
  "reconcile (its job is lost)": async (subject) => {
    await subject.loseJob();
    return subject.reconcile();
  },
  "mark-restored": (subject) => subject.markRestored([]),
  "mark-restored (at-most-once)": (subject) => subject.markRestored([subject.connector.id]),
  prune: (subject) => subject.prune(),
};

const RETRY = { kind: "retry", waitMs: 100, waitingFor: "retry", counted: true } as const;

function ready({ connector }: TestHandoff) {
  return { kind: "ready", until: FAR_FUTURE, delivery: connector.delivery } as const;
}
