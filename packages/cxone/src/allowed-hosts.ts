/**
 * Which hosts a token, a credential or a parameter may be sent to. Everything else is refused before a request leaves.
 */

/** AllowedHosts judges a URL, as configured and as discovered. `detail` names the host, never the rest of the URL. */
export interface AllowedHosts {
  check(url: string): HostVerdict;
}

export type HostVerdict = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/**
 * One entry of the list. `host` is exact, or a suffix with its leading dot; `port` is what the scheme implies unless
 * the entry says another.
 */
interface HostRule {
  readonly protocol: string;
  readonly host: string;
  readonly subdomains: boolean;
  readonly port: string;
}

/** CXone's own domains, commercial, FedRAMP and sovereign. Always allowed, over https and on its own port only. */
const CXONE_HOSTS = [
  "*.niceincontact.com",
  "*.nice-incontact.com",
  "nicecxone-sov1.au",
  "*.nicecxone-sov1.au",
  "nicecxone-sov1.eu",
  "*.nicecxone-sov1.eu",
];

const ENTRY = /^(?:(https?):\/\/)?(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\*|\d{1,5}))?$/i;
const MAX_PORT = 65_535;
const IP_ADDRESS = /^\[|^[\d.]+$/;

/**
 * parseAllowedHosts adds `entries` to CXone's own domains.
 *
 * An entry is `[http:// | https://][*.]host[:port | :*]`; https when it names no scheme, the scheme's own port when it
 * names none. Throws an Error that quotes the entry and says what would be accepted.
 */
export function parseAllowedHosts(entries: readonly string[]): AllowedHosts {
  const rules = [...CXONE_HOSTS, ...entries].map(parseRule);
  return { check: (url) => checkUrl(rules, url) };
}

function parseRule(entry: string): HostRule {
  const [, scheme = "https", wildcard, written = "", writtenPort] = ENTRY.exec(entry.trim()) ?? [];
  const host = written === "" ? undefined : canonicalHost(written);
  const tooWide = wildcard !== undefined && (!written.includes(".") || IP_ADDRESS.test(written));
  const isPort = writtenPort === undefined || writtenPort === "*" || /^[1-9]/.test(writtenPort);
  if (host === undefined || tooWide || !isPort || Number(writtenPort) > MAX_PORT) {
    throw new Error(
      `allowed host "${entry}" is not understood; write https://api.example.com, *.example.com or http://127.0.0.1:*`,
    );
  }
  const protocol = `${scheme.toLowerCase()}:`;
  return {
    protocol,
    host: wildcard ? `.${host}` : host,
    subdomains: wildcard !== undefined,
    port: writtenPort ?? defaultPort(protocol),
  };
}

/** canonicalHost spells a host as URL does, so that `127.1`, `[0::1]` and capitals compare equal. */
function canonicalHost(host: string): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

function checkUrl(rules: readonly HostRule[], text: string): HostVerdict {
  if (!URL.canParse(text)) return { ok: false, detail: "the address is not a URL" };
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return { ok: false, detail: `${url.protocol} is neither https nor http` };
  if (url.username !== "" || url.password !== "")
    return { ok: false, detail: `the address of ${url.host} carries credentials` };
  if (rules.some((rule) => matchesRule(rule, url))) return { ok: true };
  return { ok: false, detail: `${url.protocol}//${url.host} is not an allowed host` };
}

function matchesRule(rule: HostRule, url: URL): boolean {
  if (rule.protocol !== url.protocol) return false;
  if (rule.port !== "*" && rule.port !== (url.port || defaultPort(url.protocol))) return false;
  return rule.subdomains
    ? url.hostname.endsWith(rule.host) && url.hostname.length > rule.host.length
    : url.hostname === rule.host;
}

function defaultPort(protocol: string): string {
  return protocol === "https:" ? "443" : "80";
}
