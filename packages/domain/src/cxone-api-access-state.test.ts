import { expect, it } from "vitest";
import {
  claimApiAccessOrLease,
  createEmptyApiAccessState,
  FETCH_BACKOFF,
  FETCH_TIMEOUT_MS,
  LEASE_MS,
  LOST_CHANGE_MS,
} from "./cxone-api-access-state.ts";

/** PolyAI ends a function of the project's after so long, and with it the agent's patience. Milliseconds. */
const FUNCTION_MS = 10_000;

it("finds an identity service that is back while the caller's agent still waits", () => {
  expect(FETCH_TIMEOUT_MS + FETCH_BACKOFF.capMs).toBeLessThan(FUNCTION_MS);
});

it("lends the right to fetch for longer than a fetch may take, and not for long after its holder died", () => {
  expect(LEASE_MS).toBeGreaterThan(FETCH_TIMEOUT_MS);
  expect(LEASE_MS).toBeLessThan(FUNCTION_MS);
});

it("waits for a change that a process has not seen, and goes by its credentials where Redis lost the change", () => {
  const [before, changedAt] = [1_800_000_000_000, 1_800_000_100_000];
  const state = createEmptyApiAccessState<string>(changedAt);
  const claimOf = (afterMs: number, replacing = {}) =>
    claimApiAccessOrLease(
      state,
      { credentialsVersion: before, lease: "1", what: "token", ...replacing },
      changedAt + afterMs,
    );
  expect(claimOf(LOST_CHANGE_MS - 1)).toMatchObject({ state, claim: { kind: "busy" } });
  expect(claimOf(LOST_CHANGE_MS)).toMatchObject({ state: { credentialsVersion: before }, claim: { kind: "lease" } });
  // An attempt may last longer; its token was refused because the credentials changed.
  expect(claimOf(LOST_CHANGE_MS, { replacing: "old" })).toMatchObject({ state, claim: { kind: "busy" } });
  // An earlier build counts versions from 1: how long ago the change came is not known then.
  const counted = createEmptyApiAccessState<string>(5);
  const request = { credentialsVersion: 4, lease: "1", what: "token" } as const;
  expect(claimApiAccessOrLease(counted, request, changedAt)).toMatchObject({ claim: { kind: "busy" } });
});
