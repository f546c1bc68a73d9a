import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Reply } from "./http-reply.ts";
import { readRedactedReplyDetail, redactToOneLine } from "./reply-detail.ts";

type Answered = Extract<Reply, { kind: "answered" }>;

function answered(body: string, more: Partial<Answered> = {}): Answered {
  return { kind: "answered", status: 400, headers: {}, body, cut: false, ...more };
}

describe("what CXone says", () => {
  it.each([
    ['{"error":"invalid_request","error_description":"p1 too long"}', "invalid_request: p1 too long"],
    ['{"error":"x","errorDescription":"y"}', "x: y"],
    ['{"message":"no","statusCode":400,"traceId":"t"}', "no"],
    ['{"errorMessage":"no way"}', "no way"],
    ['{"error":{"message":"nested"}}', "nested"],
    ['[{"error":"in an array"}]', "in an array"],
    ['"only a string"', "only a string"],
    ["plain text\r\nin two lines", "plain text in two lines"],
    ["<html><h1>Bad Gateway</h1></html>", "Bad Gateway"],
    ['{"other":1}', undefined],
    ["", undefined],
  ])("is read from %j", (body, expected) => {
    expect(readRedactedReplyDetail(answered(body), [])).toBe(expected);
  });

  it("is read from the header icStatusDescription, in UTF-8", () => {
    const header = Buffer.from("Kontakt ungültig").toString("latin1");
    expect(readRedactedReplyDetail(answered("", { headers: { icstatusdescription: header } }), [])).toBe(
      "Kontakt ungültig",
    );
  });

  it("names where a redirect points, but not the rest of the address", () => {
    const reply = answered("", { status: 302, headers: { location: "https://elsewhere.example/path?p1=secret" } });
    expect(readRedactedReplyDetail(reply, [])).toBe("redirected to https://elsewhere.example");
  });

  it("is at most 200 characters, and never half of one", () => {
    const detail = readRedactedReplyDetail(answered("🙂".repeat(300)), []) ?? "";
    expect(detail.length).toBeLessThanOrEqual(200);
    expect(detail.isWellFormed()).toBe(true);
  });
});

describe("what was entrusted", () => {
  const value = fc.string({ unit: "binary", minLength: 4, maxLength: 60 }).filter((text) => text.trim().length >= 4);
  const echo = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => encodeURIComponent(text),
    (text) => encodeURIComponent(text).toLowerCase(),
    (text) => encodeURIComponent(text).replaceAll("%20", "+"),
    (text) => encodeURIComponent(encodeURIComponent(text)),
    (text) => new URLSearchParams([["q", text]]).toString().slice(2),
    (text) => JSON.stringify(text).slice(1, -1),
    (text) => Buffer.from(text).toString("base64"),
    (text) => Buffer.from(text).toString("base64url"),
  );

  it("comes back in no form", () => {
    const secret = fc.stringMatching(/^[!-~][ -~]{2,40}[!-~]$/);
    fc.assert(
      fc.property(secret, echo, (text, form) => {
        expect(redactToOneLine(`before ${form(text)} after`, [text])).toMatch(/^before \[redacted\]=* after$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never survives in plain, whatever it is and wherever the answer is cut", () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 3 }), (text, before, times) => {
        const secret = text.normalize("NFC").trim();
        fc.pre(secret.length >= 4 && !"[redacted][redacted]…".includes(secret) && !".".repeat(60).includes(secret));
        expect(redactToOneLine(`${".".repeat(before)} ${text.repeat(times)}`, [text])).not.toContain(secret);
      }),
    );
  });

  it("is not given away by a cut in the middle of it", () => {
    const secret = "s3cr3t-".repeat(36);
    const detail = redactToOneLine(secret.repeat(100), [secret]);
    expect(detail).not.toContain("s3cr3t");
  });

  it("leaves words alone that only contain a short value", () => {
    expect(redactToOneLine("status 400: p3=4 is not e", ["4", "e"])).toBe(
      "status 400: p3=[redacted] is not [redacted]",
    );
  });

  it("goes as a whole when one value contains another", () => {
    expect(redactToOneLine("got 4071234-billing", ["4071234", "4071234-billing"])).toBe("got [redacted]");
  });
});
