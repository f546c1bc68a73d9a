/** What a person can do about the causes of dead letters that are listed. */
import type { ReceivedCause } from "@baton/api";
import { describeDeadLetterRemedy, diedOfDeletedConnector } from "@baton/api/dead-letter-remedy";

/** What to do is said of so many causes at most. */
const MAX_REMEDIES = 5;

/**
 * formatCauseRemediesAndCommands says of the first causes what to do, and names the next commands for the very first.
 */
export function formatCauseRemediesAndCommands(causes: readonly ReceivedCause[]): readonly string[] {
  const [worst] = causes;
  if (worst === undefined) return [];
  const remedies = [...Map.groupBy(causes.slice(0, MAX_REMEDIES), describeDeadLetterRemedy)];
  const rest = `What to do is said of the first ${MAX_REMEDIES} of ${causes.length} causes; --connector, --state and --from leave fewer.`;
  return [
    ...remedies.map(([remedy, alike]) => `${alike.map(({ cause }) => cause).join(", ")}: ${remedy}`),
    ...(causes.length > MAX_REMEDIES ? [rest] : []),
    `Say that you work on it: baton dead-letters acknowledge ${worst.cause} --note "…"\n${formatNextCommands(worst)}`,
  ];
}

/** A run leaves what may have arrived unless a flag takes it; nothing can send for a connector that is gone. */
function formatNextCommands(worst: ReceivedCause): string {
  const { cause, reason } = worst;
  if (diedOfDeletedConnector(worst)) return `Give them up:            baton discards start --cause ${cause} --note "…"`;
  const taken = reason === "unknown" ? " --include-unknown" : "";
  const command = `Try a few again:         baton replays start --cause ${cause} --first 5${taken} --note "…"`;
  return taken === "" ? command : `${command}\nWith --include-unknown a contact may be signalled twice: ask first.`;
}
