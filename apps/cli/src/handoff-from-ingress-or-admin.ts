/** One handoff by its id: ingress is asked, and admin where ingress does not know it. */
import { type BatonClient, type HandoffJson, ProblemError } from "@baton/api";
import type { ProjectOrOperatorClient } from "./client-from-environment.ts";

/** FoundHandoff is a handoff and who knew it. */
export interface FoundHandoff {
  readonly handoff: HandoffJson;
  /** Who may ask admin for more, where there is an admin key. */
  readonly operator?: BatonClient;
}

/** findHandoffAtIngressOrAdmin asks admin where ingress does not know the handoff: another project's is 404 there. */
export async function findHandoffAtIngressOrAdmin(id: string, access: ProjectOrOperatorClient): Promise<FoundHandoff> {
  if (access.as === "operator") return { handoff: await access.client.handoff(id), operator: access.client };
  const { client, operator } = access;
  try {
    return { handoff: await client.get(id), ...(operator && { operator }) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) throw error;
    if (operator !== undefined) return { handoff: await operator.handoff(id), operator };
    throw new Error(`${error.message}; it may be another project's: with BATON_ADMIN_KEY, admin is asked too`);
  }
}
