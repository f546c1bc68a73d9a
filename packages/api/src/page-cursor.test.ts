import { Refusal } from "@baton/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./page-cursor.ts";

const part = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);

it("gives back what it was made of, and needs no escaping in a URL", () => {
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const cursor = encodeCursor(parts);
      expect(encodeURIComponent(cursor)).toBe(cursor);
      expect(decodeCursor(cursor)).toEqual(parts.map((p) => (Object.is(p, -0) ? 0 : p)));
    }),
  );
});

it("reads one text as one cursor only, and refuses every other in words", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(encodeCursor(decodeCursor(text))).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect(error).toMatchObject({ code: "invalid-request", errors: [{ pointer: "/cursor" }] });
      }
    }),
  );
});

it.each([
  ["nothing", ""],
  ["no base64url", "???"],
  ["padding", `${encodeCursor([1])}=`],
  ["JSON that is no list", Buffer.from('{"a":1}').toString("base64url")],
  ["a list of something else", Buffer.from("[null]").toString("base64url")],
])("refuses %s", (_, text) => {
  expect(() => decodeCursor(text)).toThrow(Refusal);
});
