/** The doctor on every connector's way to CXone, without a test signal. */
import { type BatonClient, type ConnectorJson, ProblemError, type Verification } from "@baton/api";
import { remedyOf } from "../verify-remedy.ts";
import type { AdminView } from "./admin-view.ts";
import { bad, type Check, good, refused, unseen } from "./check.ts";

/** So many are walked at once: each asks CXone for a token, and admin for little. */
const AT_ONCE = 4;
/** Beyond it a `Retry-After` that names a date is misread. Milliseconds; the header that tells CXone's time has whole seconds. */
const MAX_CXONE_OFFSET_MS = 5_000;

/** lookAtConnectors verifies every connector that is enabled; `onVerified` hears how many are done. */
export async function lookAtConnectors(view: AdminView, onVerified: (done: number, of: number) => void): Promise<readonly Check[]> {
  if (view.kind === "unseen") return [unseen("verify", view.why)];
  const { client, connectors } = view;
  if (connectors.length === 0) return [unseen("verify", "there are no connectors")];
  const checks: (readonly Check[])[] = connectors.map(() => []);
  let next = 0;
  let done = 0;
  const walk = async () => {
    for (let index = next++; index < connectors.length; index = next++) {
      const connector = connectors[index];
      if (connector === undefined) return;
      checks[index] = await lookAtConnector(client, connector);
      onVerified(++done, connectors.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
  return checks.flat();
}

async function lookAtConnector(client: BatonClient, { id, name, enabled }: ConnectorJson): Promise<readonly Check[]> {
  const what = `${name} (${id})`;
  if (!enabled) return [unseen(what, "it is disabled: its handoffs are refused")];
  try {
    return judge(what, await client.verifyConnector(id));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 500) return [refused(what, error)];
    return [bad(what, "admin could not verify it", "Its credentials may not open under admin's key ring: see `keyring`, and admin's log.")];
  }
}

function judge(what: string, { ok, steps }: Verification): readonly Check[] {
  const last = steps.at(-1);
  const offsetMs = last?.clockOffsetMs ?? 0;
  const way =
    ok || last === undefined
      ? good(what, "discovery, token and API are good; only a test signal proves more")
      : bad(what, `${last.name}: ${last.detail}`, remedyOf(last) ?? "");
  if (Math.abs(offsetMs) <= MAX_CXONE_OFFSET_MS) return [way];
  const detail = `CXone's clock is ${Math.round(offsetMs / 1_000)} s off admin's`;
  return [way, bad(what, detail, "Synchronise the clock of admin's machine (NTP): times that CXone names are misread.")];
}
