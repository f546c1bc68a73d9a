import { expect, it } from "vitest";
import { readHandoffSearch } from "./page-search-params.ts";

it("takes an address's members as they are meant, and leaves out what it does not understand", () => {
  const contactId = "9007199254740993000";
  expect(readHandoffSearch({ contactId, status: "dead" })).toEqual({ contactId, status: "dead" });
  expect(readHandoffSearch({ contactId: "", status: "lost", other: "x" })).toEqual({});
  expect(readHandoffSearch({ contactId: 7, status: ["dead"] })).toEqual({});
  expect(readHandoffSearch({ contactId: "x".repeat(1_000) })).toHaveProperty("contactId");
  expect(readHandoffSearch({ contactId: "x".repeat(1_001) })).toEqual({});
});
