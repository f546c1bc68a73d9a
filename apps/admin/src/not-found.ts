/** What is said of an id that names nothing. */
import { Refusal } from "@baton/domain";

/** MAX_ID_LENGTH in characters: ours have 27; more of what somebody sent is not repeated. */
const MAX_ID_LENGTH = 64;

/** notFound says which `kind` of thing has no such id. */
export function notFound(
  kind: "handoff" | "connector" | "token" | "screen-pop key" | "admin key",
  id: string,
): Refusal {
  return new Refusal("not-found", `there is no ${kind} ${id.slice(0, MAX_ID_LENGTH)}`);
}
