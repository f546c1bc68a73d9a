import { expect, it } from "vitest";
import { formatPlanCommand } from "./plan-command.ts";

it("counts on the command line what the page counts", () => {
  const filter = { connectorId: "cn_1", reason: ["expired"], from: "2026-11-29T10:00:00.000Z" } as const;
  const choices = { includeUnknown: false, skipEndedContacts: true };
  expect(formatPlanCommand("replay", { ...filter, reason: [...filter.reason] }, choices)).toBe(
    "baton replays start --connector cn_1 --reason expired --from 2026-11-29T10:00:00.000Z --skip-ended-contacts --dry-run",
  );
  expect(formatPlanCommand("discard", {}, { includeUnknown: true, skipEndedContacts: true })).toBe(
    "baton discards start --all --include-unknown --dry-run",
  );
});
