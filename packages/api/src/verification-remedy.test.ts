import { ACCESS_CHECK_CODES, type AccessCheckCode } from "@baton/domain";
import { expect, it } from "vitest";
import { VERIFY_STEPS } from "./connector-verification.ts";
import { describeVerificationRemedy } from "./verification-remedy.ts";

type Name = (typeof VERIFY_STEPS)[number];
const remedy = (name: Name, code?: AccessCheckCode) =>
  describeVerificationRemedy({ name, ok: false, ...(code && { code }) });

it.each<[Name, AccessCheckCode, RegExp]>([
  ["discovery", "not-found", /cxone\.issuer/],
  ["discovery", "name-not-resolved", /name service/],
  ["discovery", "unreachable", /firewall/],
  ["discovery", "host-not-allowed", /BATON_ALLOWED_HOSTS/],
  ["discovery", "proxy-refused", /BATON_EGRESS_PROXY/],
  ["discovery", "tls-failed", /certificate/],
  ["token", "key-missing", /BATON_KEYRING/],
  ["token", "client-unknown", /clientSecret/],
  ["token", "credentials-refused", /accessKeySecret/],
  ["token", "overloaded", /try again/],
  ["token", "not-found", /cxone\.issuer/],
  ["api", "no-tenant", /tenantId/],
  ["api", "no-api", /cxone\.apiEndpoint/],
  ["api", "unauthorized", /region/],
  ["api", "not-found", /cxone\.apiVersion/],
  ["signal", "unauthorized", /role/],
  ["signal", "not-found", /up right now/],
  ["signal", "rejected", /paramsIn/],
  ["signal", "overloaded", /try again/],
  ["signal", "ambiguous", /It is not known/],
])("knows what to do about %s: %s", (name, code, words) => {
  expect(remedy(name, code)).toMatch(words);
});

it("has something to say about a bad step of any kind, and nothing about a good one", () => {
  for (const name of VERIFY_STEPS) {
    for (const code of [undefined, ...ACCESS_CHECK_CODES]) expect(remedy(name, code)).toMatch(/[.?]$/);
    expect(describeVerificationRemedy({ name, code: "not-found", ok: true })).toBeUndefined();
  }
});
