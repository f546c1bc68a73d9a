import { VERIFY_STEPS } from "@baton/api";
import { expect, it } from "vitest";
import { remedyOf } from "./verification-remedy.ts";

type Name = (typeof VERIFY_STEPS)[number];
const remedy = (name: Name, detail: string) => remedyOf({ name, detail, ok: false, durationMs: 1 });

it.each<[Name, string, RegExp]>([
  ["discovery", "openid-configuration: HTTP 404", /cxone\.issuer/],
  ["discovery", "openid-configuration: the name was not resolved (ENOTFOUND)", /name service/],
  ["discovery", "openid-configuration: the connection was not made (ECONNREFUSED)", /firewall/],
  ["discovery", "openid-configuration: https://localhost is not an allowed host", /BATON_ALLOWED_HOSTS/],
  ["discovery", "openid-configuration: the proxy refused its credentials with HTTP 407", /BATON_EGRESS_PROXY/],
  ["discovery", "openid-configuration: TLS failed (SELF_SIGNED_CERT_IN_CHAIN)", /certificate/],
  ["token", "token endpoint: HTTP 401 invalid_client", /clientSecret/],
  ["token", "token endpoint: HTTP 400 invalid_grant", /accessKeySecret/],
  ["token", "token endpoint: HTTP 503", /try again/],
  ["token", "token endpoint: HTTP 404", /cxone\.issuer/],
  ["api", "the token names no tenant; give the connector a tenantId or an apiEndpoint", /tenantId/],
  ["api", "cxone-configuration: HTTP 404", /cxone\.apiEndpoint/],
  ["api", "server-time: HTTP 401", /region/],
  ["api", "server-time: HTTP 404", /cxone\.apiVersion/],
  ["signal", "unauthorized, HTTP 403", /role/],
  ["signal", "rejected, HTTP 404: no such contact", /up right now/],
  ["signal", "rejected, HTTP 400", /paramsIn/],
  ["signal", "throttled, HTTP 429", /try again/],
  ["signal", "ambiguous, HTTP 500", /Nobody knows/],
])("knows what to do about %s: %s", (name, detail, words) => {
  expect(remedy(name, detail)).toMatch(words);
});

it("has something to say about a bad step of any kind, and nothing about a good one", () => {
  for (const name of VERIFY_STEPS) {
    expect(remedy(name, "what nobody foresaw")).toMatch(/\.$/);
    expect(remedyOf({ name, detail: "HTTP 404", ok: true, durationMs: 1 })).toBeUndefined();
  }
});
