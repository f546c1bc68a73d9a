import { CAUSE_STATES, DEAD_REASONS, HANDOFF_STATUSES, ITEM_RESULTS, SKIP_REASONS, WAITING_FOR } from "@baton/domain";
import { expect, it } from "vitest";
import * as params from "./page-search-params.ts";
import { readHandoffSearch } from "./page-search-params.ts";

it("takes an address's members as they are meant, and leaves out what it does not understand", () => {
  const contactId = "9007199254740993000";
  expect(readHandoffSearch({ contactId, status: "dead" })).toEqual({ contactId, status: "dead" });
  expect(readHandoffSearch({ contactId: "", status: "lost", other: "x" })).toEqual({});
  expect(readHandoffSearch({ contactId: 7, status: ["dead"] })).toEqual({});
  expect(readHandoffSearch({ contactId: "x".repeat(1_000) })).toHaveProperty("contactId");
  expect(readHandoffSearch({ contactId: "x".repeat(1_001) })).toEqual({});
});

it("knows every word that the API has for a status, a reason and a result", () => {
  const { STATUSES, REASONS } = params;
  expect([STATUSES, REASONS].map((words) => [...words].sort())).toEqual(
    [HANDOFF_STATUSES, DEAD_REASONS].map((words) => [...words].sort()),
  );
  const known = { CAUSE_STATES, ITEM_RESULTS, SKIP_REASONS, WAITING_FOR };
  expect(params).toMatchObject(known);
});
