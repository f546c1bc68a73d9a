import { expect, it } from "vitest";
import { formatUtcFieldValue, parseUtcFieldValue } from "./utc-field-value.ts";

it("shows an instant as UTC, and reads what is entered as UTC", () => {
  expect(formatUtcFieldValue("2026-11-23T14:02:31.000Z")).toBe("2026-11-23T14:02:31");
  expect(formatUtcFieldValue("2026-11-23T14:02:31.250Z")).toBe("2026-11-23T14:02:31.250");
  expect(formatUtcFieldValue("2026-11-23T15:02:00+01:00")).toBe("2026-11-23T14:02");
  expect(parseUtcFieldValue("2026-11-23T14:02")).toBe("2026-11-23T14:02:00.000Z");
  expect(parseUtcFieldValue("2026-11-23T14:02:31.250")).toBe("2026-11-23T14:02:31.250Z");
});

it("shows and takes nothing where there is no instant", () => {
  for (const none of [undefined, "", "yesterday"]) expect(formatUtcFieldValue(none)).toBe("");
  for (const none of ["", "soon"]) expect(parseUtcFieldValue(none)).toBe(undefined);
});
