/** What admin answers about the whole, asked once for all sections. */
import { type BatonClient, type ConnectorJson, type Overview, ProblemError, type ReceivedCause } from "@baton/api";
import { describeError } from "../command-errors.ts";
import { readAllConnectors } from "../find-connector.ts";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";
import { describePausesFromAudit, type PauseDescriptions } from "./pauses-from-audit.ts";

/** AdminAnswers is what admin answered; without an answer, why not. `check` is what to report of that. */
export type AdminAnswers =
  | {
      readonly kind: "seen";
      readonly client: BatonClient;
      readonly overview: Overview;
      readonly connectors: readonly ConnectorJson[];
      readonly causes: readonly ReceivedCause[];
      readonly pauses: PauseDescriptions;
      readonly check: CheckResult;
    }
  | { readonly kind: "unseen"; readonly why: string; readonly check: CheckResult };

/** MAX_CAUSES of a page; a connector has at most 200. */
const MAX_CAUSES = 500;

const FOLLOWS = { follows: [FAULT.redis, FAULT.settings, FAULT.admin] } as const;

/** readAdminAnswersForChecks never throws. */
export async function readAdminAnswersForChecks(client: BatonClient | undefined): Promise<AdminAnswers> {
  const what = "admin key";
  if (client === undefined) {
    const why = "BATON_ADMIN_KEY is not given";
    return {
      kind: "unseen",
      why,
      check: skipCheck(what, `${why}: neither work nor connectors are looked at`),
    };
  }
  try {
    const [overview, connectors, { items: causes }] = await Promise.all([
      client.overview(),
      readAllConnectors(client),
      client.causes({ limit: MAX_CAUSES }),
    ]);
    const pauses = await describePausesFromAudit(client, overview);
    return {
      kind: "seen",
      client,
      overview,
      connectors,
      causes,
      pauses,
      check: passCheck(what, "admin takes it"),
    };
  } catch (error) {
    const words = describeError(error) ?? String(error);
    if (!(error instanceof ProblemError))
      return { kind: "unseen", why: "admin is not reached", check: skipCheck(what, words) };
    const remedy =
      error.status === 401
        ? "Set BATON_ADMIN_KEY to a key that this admin knows."
        : "Look at Redis first, and then at admin's log.";
    return {
      kind: "unseen",
      why: `admin answered ${error.status}`,
      check: failCheck(what, words, remedy, FOLLOWS),
    };
  }
}
