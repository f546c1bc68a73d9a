import fc from "fast-check";
import { expect, it } from "vitest";
import { redactDetail } from "./redaction.ts";

const secret = `Dr. Zoë "A+B" & Söhne/<50%>`;
const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&#34;");

it.each([
  ["as it is", secret],
  ["in another case", secret.toUpperCase()],
  ["in a URL", encodeURIComponent(secret)],
  ["in a URL, in small letters", encodeURIComponent(secret).toLowerCase()],
  ["in a URL, twice", encodeURIComponent(encodeURIComponent(secret))],
  ["in a form", new URLSearchParams({ p1: secret }).toString().slice(3)],
  ["in JSON", JSON.stringify(secret).slice(1, -1)],
  ["in JSON inside JSON", JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  [
    "in JSON, all ASCII",
    JSON.stringify(secret)
      .slice(1, -1)
      .replaceAll(/[\u0080-\uffff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ],
  ["in HTML", html],
  ["in HTML, twice", html.replaceAll("&", "&amp;")],
])("hides a secret %s", (_how, written) => {
  expect(redactDetail(`bad p1=${written}!`, [secret])).toBe("bad p1=[redacted]!");
});

it.each(["", "a", "ab", "client:"])("hides a secret in base64 behind %o", (before) => {
  const written = Buffer.from(`${before}${secret}!`).toString("base64");
  const kept = redactDetail(`x ${written}`, [secret]);
  expect(kept).toContain("[redacted]");
  expect(Buffer.from(kept, "base64").toString()).not.toContain("Söhne");
});

it("hides whatever looks like a token", () => {
  const text = `bt_0123456789ABCDEF_${"0".repeat(52)} Authorization: Bearer abc.def eyJhbGciOiJSUzI1NiJ9.e30.x redis://:hunter2@db:6379`;
  expect(redactDetail(text, [])).toBe("[redacted] Authorization: Bearer [redacted] [redacted] redis://[redacted]@db:6379");
});

it("hides a short parameter only where it stands alone", () => {
  expect(redactDetail("401: parameter 1 is wrong", ["1"])).toBe("401: parameter [redacted] is wrong");
});

it("keeps an operator's clues: numbers and the sentence", () => {
  expect(redactDetail("Contact 100000000001 not found\r\n(0x80)", ["Escalate"])).toBe("Contact 100000000001 not found (0x80)");
});

it("hides the longer of two secrets that overlap, and none inside what it wrote", () => {
  expect(redactDetail("Escalate now", ["Escalate", "Escalate now", "redacted"])).toBe("[redacted]");
});

it("never holds a secret, more than its share of characters, a control character or half a character", () => {
  const planted = fc
    .string({ unit: "grapheme", minLength: 4, maxLength: 40 })
    .filter((text) => text.trim().length >= 4 && !"[redacted]".includes(text));
  const encode = fc.constantFrom<(text: string) => string>(String, encodeURIComponent, (text) => JSON.stringify(text).slice(1, -1));
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      planted,
      fc.string({ unit: "binary" }),
      encode,
      fc.integer({ min: 0, max: 80 }),
      (before, text, after, how, max) => {
        const whole = redactDetail(before + how(text) + after, [text], 10_000);
        expect(whole).not.toContain(text);
        const kept = redactDetail(before + how(text) + after, [text], max);
        expect(kept.length).toBeLessThanOrEqual(max);
        expect(kept.isWellFormed()).toBe(true);
        expect(kept).not.toMatch(/\p{Cc}/u);
      },
    ),
  );
});
