import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllowedHosts } from "./allowed-hosts.ts";

const DOMAINS = ["niceincontact.com", "nice-incontact.com", "nicecxone-sov1.au", "nicecxone-sov1.eu"];
const cxone = parseAllowedHosts([]);
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const domain = fc.constantFrom(...DOMAINS);
const path = fc.constantFrom("", "/", "/a/b", "/?tenantId=1", "/#x");

describe("without entries", () => {
  it("allows every host under CXone's domains over https", () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), domain, path, (labels, name, rest) => {
        expect(cxone.check(`https://${labels.join(".")}.${name}${rest}`)).toEqual({ ok: true });
      }),
    );
  });

  it("allows the bare domain only of the sovereign clouds", () => {
    expect(DOMAINS.filter((name) => cxone.check(`https://${name}`).ok)).toEqual([
      "nicecxone-sov1.au",
      "nicecxone-sov1.eu",
    ]);
  });

  it("refuses a host that only ends like CXone's, or only begins like it", () => {
    fc.assert(
      fc.property(label, domain, label, (prefix, name, other) => {
        expect(cxone.check(`https://${prefix}${name}`).ok).toBe(false);
        expect(cxone.check(`https://api.${name}.${other}`).ok).toBe(false);
        expect(cxone.check(`https://${other}.example/${prefix}.${name}`).ok).toBe(false);
        expect(cxone.check(`https://${other}.example?@api.${name}`).ok).toBe(false);
        expect(cxone.check(`https://${other}.example#.${name}`).ok).toBe(false);
        expect(cxone.check(`https://${other}.example\\.${name}`).ok).toBe(false);
      }),
    );
  });

  it("refuses http, other ports and credentials in the URL, whatever the host", () => {
    fc.assert(
      fc.property(label, domain, fc.integer({ min: 1, max: 65_535 }), (sub, name, port) => {
        expect(cxone.check(`http://${sub}.${name}`).ok).toBe(false);
        expect(cxone.check(`https://${sub}.${name}:${port}`).ok).toBe(port === 443);
        expect(cxone.check(`https://${sub}@api.${name}`).ok).toBe(false);
        expect(cxone.check(`https://:${sub}@api.${name}`).ok).toBe(false);
      }),
    );
  });

  it("agrees with the host that a request would really go to, for any text", () => {
    const text = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string(),
      fc.string().map((rest) => `https://${rest}.niceincontact.com`),
    );
    fc.assert(
      fc.property(text, (url) => {
        if (!cxone.check(url).ok) return;
        const { protocol, hostname, port, username } = new URL(url);
        expect({ protocol, port, username }).toEqual({ protocol: "https:", port: "", username: "" });
        expect(DOMAINS.some((name) => hostname.endsWith(`.${name}`) || hostname === name)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    "https://evilniceincontact.com",
    "https://.niceincontact.com",
    "file:///etc/passwd",
    "not a url",
    "",
    "https://api.niceincontact.com.",
  ])("refuses %j", (url) => {
    expect(cxone.check(url)).toEqual({ ok: false, detail: expect.any(String) });
  });

  it("names the host it refuses and nothing else of the URL", () => {
    expect(cxone.check("https://evil.example/secret?p1=secret")).toEqual({
      ok: false,
      detail: "https://evil.example is not an allowed host",
    });
    expect(JSON.stringify(cxone.check("https://user:secret@api.niceincontact.com/secret"))).not.toContain("secret");
  });
});

describe("an entry", () => {
  it.each([
    ["http://127.0.0.1:*", "http://127.0.0.1:8089/x", true],
    ["http://127.0.0.1:*", "http://127.0.0.1", true],
    ["http://127.0.0.1:*", "https://127.0.0.1:8089", false],
    ["http://127.0.0.1:*", "http://127.0.0.2:8089", false],
    ["http://[::1]:*", "http://[::1]:8089", true],
    ["http://[0::1]:80", "http://[::1]", true],
    ["https://api.example.com", "https://api.example.com/v1", true],
    ["https://api.example.com", "https://api.example.com:8443", false],
    ["https://api.example.com", "https://x.api.example.com", false],
    ["API.example.com", "https://api.EXAMPLE.com", true],
    ["api.example.com", "http://api.example.com", false],
    ["https://*.example.com:8443", "https://a.b.example.com:8443", true],
    ["https://*.example.com:8443", "https://example.com:8443", false],
    ["http://localhost:3000", "http://localhost:3000", true],
    ["http://localhost:3000", "http://localhost:3001", false],
  ])("%s answers %s with %s", (entry, url, ok) => {
    expect(parseAllowedHosts([entry]).check(url).ok).toBe(ok);
  });

  it("leaves CXone's own domains allowed", () => {
    expect(parseAllowedHosts(["http://127.0.0.1:*"]).check("https://api-na1.niceincontact.com")).toEqual({ ok: true });
  });

  it.each([
    "*",
    "https://*",
    "*.com",
    "*.127.0.0.1",
    "ftp://a.example",
    "https://user@a.example",
    "a.example/path",
    "",
    "a.*.example",
    "http://a:99:1",
    "http://a:0",
    "http://a:080",
    "http://a:65536",
  ])("%j is refused with what would be accepted", (entry) => {
    expect(() => parseAllowedHosts([entry])).toThrow(/write https:\/\/api\.example\.com/);
  });
});
