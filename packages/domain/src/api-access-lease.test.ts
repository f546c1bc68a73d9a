import { expect, it } from "vitest";
import { FETCH_BACKOFF, FETCH_TIMEOUT_MS, LEASE_MS } from "./api-access-lease.ts";

/** PolyAI ends a function of the project's after so long, and with it the agent's patience. Milliseconds. */
const FUNCTION_MS = 10_000;

it("finds an identity service that is back while the caller's agent still waits", () => {
  expect(FETCH_TIMEOUT_MS + FETCH_BACKOFF.capMs).toBeLessThan(FUNCTION_MS);
});

it("lends the right to fetch for longer than a fetch may take, and not for long after its holder died", () => {
  expect(LEASE_MS).toBeGreaterThan(FETCH_TIMEOUT_MS);
  expect(LEASE_MS).toBeLessThan(FUNCTION_MS);
});
