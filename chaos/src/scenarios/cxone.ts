/** CXone in trouble: its tokens, its limits, its answers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import type { Scenario } from "../scenario.ts";
import type { Fault } from "../simulator-control.ts";

const TROUBLE_MS = 4_000;
/** A byte of an answer every so often: no answer is whole before its request's time limit (3 s). Milliseconds. */
const BYTE_MS = 100;

/** troubled has the simulator do something for a while. */
export async function troubled(deployment: Deployment, what: string, faults: readonly Fault[]): Promise<void> {
  await deployment.incident(what, async () => {
    for (const fault of faults) await deployment.simulator.answer(fault);
    await sleep(TROUBLE_MS);
    await deployment.simulator.repair();
  });
}

/** loseTokens revokes every token while the token endpoint is in trouble of its own. */
export async function loseTokens(deployment: Deployment, what: string, fault: Fault["fault"]): Promise<void> {
  await deployment.simulator.answer({ on: "token", fault });
  await deployment.simulator.revokeTokens();
  await troubled(deployment, `tokens revoked, the token endpoint ${what}`, []);
}

/** dropAnswers has CXone take signals and reset the connection instead of answering. */
export function dropAnswers(deployment: Deployment): Promise<void> {
  return troubled(deployment, "answers dropped after the signal took effect", [{ fault: { reset: "after" } }]);
}

/** storm has CXone refuse everything for a while, with Retry-After. */
export function storm(deployment: Deployment): Promise<void> {
  return troubled(deployment, "429 to everything", [{ fault: { status: 429, retryAfter: 1 } }]);
}

/** slowLoris has CXone's answers arrive byte by byte. */
export async function slowLoris(deployment: Deployment): Promise<void> {
  await deployment.incident("answers arrive byte by byte", async () => {
    deployment.cxone.replyByteMs = BYTE_MS;
    await sleep(TROUBLE_MS);
    deployment.cxone.replyByteMs = 0;
  });
}

const once = (act: (deployment: Deployment) => Promise<void>): Scenario["trouble"] => {
  return async (deployment) => {
    await deployment.producer.reached(0.3);
    await act(deployment);
  };
};

export const CXONE_SCENARIOS: readonly Scenario[] = [
  {
    name: "token-endpoint",
    what: "tokens revoked while the token endpoint answers 500, then garbage, then nothing",
    async trouble(deployment) {
      await deployment.producer.reached(0.2);
      await loseTokens(deployment, "answers 500", { status: 500 });
      await loseTokens(deployment, "answers garbage", { status: 200, body: "<html>", contentType: "text/html" });
      await loseTokens(deployment, "hangs", { hang: true });
    },
  },
  { name: "throttled", what: "429 with Retry-After to every signal for 4 s", trouble: once(storm) },
  {
    name: "answers-dropped",
    what: "connections reset after the signal took effect, for 4 s",
    ci: true,
    trouble: once(dropAnswers),
  },
  {
    name: "slow-loris",
    what: "answers that arrive byte by byte for 4 s, past the time limit",
    trouble: once(slowLoris),
  },
];
