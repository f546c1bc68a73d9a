import { expect, it } from "vitest";
import { formatPlanCliCommand } from "./plan-cli-command.ts";

it("counts on the command line what the page counts", () => {
  const filter = { connectorId: "cn_1", reason: ["expired"], from: "2026-11-29T10:00:00.000Z" } as const;
  const choices = { includeUnknown: false, skipEndedContacts: true };
  expect(formatPlanCliCommand("replay", { ...filter, reason: [...filter.reason] }, choices)).toBe(
    "baton replays start --connector cn_1 --reason expired --from 2026-11-29T10:00:00.000Z --skip-ended-contacts --dry-run",
  );
  expect(formatPlanCliCommand("discard", {}, { includeUnknown: true, skipEndedContacts: true })).toBe(
    "baton discards start --all --include-unknown --dry-run",
  );
});
