import { expect, it } from "vitest";
import { handoffSearch } from "./search-params.ts";

it("takes an address's members as they are meant, and leaves out what it does not understand", () => {
  const contactId = "9007199254740993000";
  expect(handoffSearch({ contactId, status: "dead" })).toEqual({ contactId, status: "dead" });
  expect(handoffSearch({ contactId: "", status: "lost", other: "x" })).toEqual({});
  expect(handoffSearch({ contactId: 7, status: ["dead"] })).toEqual({});
  expect(handoffSearch({ contactId: "x".repeat(1_000) })).toHaveProperty("contactId");
  expect(handoffSearch({ contactId: "x".repeat(1_001) })).toEqual({});
});
