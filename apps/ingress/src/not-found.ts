/** What is said of an id that names nothing of the connector's. */
import { Refusal } from "@baton/domain";

/** MAX_ID_LENGTH in characters: ours have 27; more of what somebody sent is not repeated. */
const MAX_ID_LENGTH = 64;

/**
 * notFound says which `kind` of thing this connector does not have: alike for another's and for one that nobody has.
 */
export function notFound(kind: "handoff" | "call", id: string): Refusal {
  return new Refusal("not-found", `this connector has no ${kind} ${id.slice(0, MAX_ID_LENGTH)}`);
}
