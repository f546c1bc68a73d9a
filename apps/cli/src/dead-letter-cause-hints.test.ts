import type { ReceivedCause } from "@baton/api";
import { expect, it } from "vitest";
import { formatCauseRemediesAndCommands } from "./dead-letter-cause-hints.ts";

function cause(fields: Partial<ReceivedCause>): ReceivedCause {
  return { cause: "cs_1", reason: "exhausted", detail: "", ...fields } as ReceivedCause;
}

it("names commands that take what the cause has", () => {
  expect(formatCauseRemediesAndCommands([cause({})]).at(-1)).toMatch(
    /baton replays start --cause cs_1 --first 5 --note "…"$/,
  );
  const unknown = formatCauseRemediesAndCommands([cause({ reason: "unknown" })]);
  expect(unknown[0]).toMatch(/`baton dead-letters replay` takes it with --force, `baton replays start` with --inc/);
  expect(unknown.at(-1)).toMatch(/--first 5 --include-unknown --note "…"\nWith --include-unknown a contact may be/);
  const gone = formatCauseRemediesAndCommands([
    cause({ reason: "configuration", detail: "its connector has been deleted" }),
  ]);
  expect(gone.at(-1)).toMatch(/baton discards start --cause cs_1 --note "…"$/);
  expect(formatCauseRemediesAndCommands([])).toEqual([]);
});

it("says of how many causes it says what to do", () => {
  const seven = Array.from({ length: 7 }, (_, i) => cause({ cause: `cs_${i}` }));
  expect(formatCauseRemediesAndCommands(seven)[1]).toMatch(
    /^What to do is said of the first 5 of 7 causes; --connector/,
  );
  expect(formatCauseRemediesAndCommands(seven.slice(0, 5))).toHaveLength(2);
});
