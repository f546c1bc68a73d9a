/** What the machine's files say of names: /etc/hosts, and the search domains of /etc/resolv.conf. */
import type { LookupAddress } from "node:dns";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** REREAD_MS: a file is read again after so long. */
const REREAD_MS = 5_000;

/**
 * DEFAULT_NDOTS: a name of so many dots is asked for as it is before search domains are tried, unless resolv.conf says
 * otherwise.
 */
const DEFAULT_NDOTS = 1;

/** DnsConfigFilePaths are other files than the system's own, for tests. */
export interface DnsConfigFilePaths {
  readonly hostsFile?: string;
  readonly resolvConf?: string;
}

interface SearchRules {
  readonly domains: readonly string[];
  readonly ndots: number;
}

/** DnsConfigFiles reads both files when they are needed; one that is not there says nothing. */
export class DnsConfigFiles {
  readonly #hosts: () => ReadonlyMap<string, readonly LookupAddress[]>;
  readonly #rules: () => SearchRules;

  constructor({ hostsFile = defaultHostsFile(), resolvConf = "/etc/resolv.conf" }: DnsConfigFilePaths = {}) {
    this.#hosts = createRereadFile(hostsFile, parseHosts);
    this.#rules = createRereadFile(resolvConf, parseResolvConf);
  }

  /** addressesOf gives a name's addresses in the hosts file; `localhost` has them also without one. */
  addressesOf(name: string): readonly LookupAddress[] | undefined {
    return this.#hosts().get(name) ?? (name === "localhost" || name.endsWith(".localhost") ? LOOPBACK : undefined);
  }

  /**
   * candidatesOf gives the full names to ask name servers for, in order. A short name must not be asked for as it is
   * before its search domains: `redis.app` of a cluster is another's in public.
   */
  candidatesOf(name: string): readonly string[] {
    if (name.endsWith(".")) return [name];
    const { domains, ndots } = this.#rules();
    const searched = domains.map((domain) => `${name}.${domain}`);
    return name.split(".").length - 1 >= ndots ? [name, ...searched] : [...searched, name];
  }
}

const LOOPBACK: readonly LookupAddress[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

function defaultHostsFile(): string {
  return process.platform === "win32"
    ? `${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\drivers\\etc\\hosts`
    : "/etc/hosts";
}

function createRereadFile<T>(path: string, parse: (text: string) => T): () => T {
  let value: T | undefined;
  let readAt = 0;
  return () => {
    const now = performance.now();
    if (value === undefined || now >= readAt + REREAD_MS) {
      value = parse(readIfThere(path));
      readAt = now;
    }
    return value;
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function parseHosts(text: string): ReadonlyMap<string, readonly LookupAddress[]> {
  const hosts = new Map<string, LookupAddress[]>();
  for (const [address = "", ...names] of linesOf(text, "#")) {
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      hosts.set(key, [...(hosts.get(key) ?? []), { address, family }]);
    }
  }
  return hosts;
}

function parseResolvConf(text: string): SearchRules {
  let domains: readonly string[] = [];
  let ndots = DEFAULT_NDOTS;
  for (const [word, ...values] of linesOf(text, "[#;]")) {
    if (word === "search" || word === "domain") domains = values.filter((domain) => domain !== ".");
    if (word !== "options") continue;
    const said = values.map((value) => /^ndots:(\d+)$/.exec(value)?.[1]).findLast((found) => found !== undefined);
    if (said !== undefined) ndots = Number(said);
  }
  return { domains, ndots };
}

/** linesOf gives each line's words, without comments. */
function linesOf(text: string, comment: string): readonly (readonly string[])[] {
  return text.split("\n").map((line) => line.split(new RegExp(comment), 1).join("").trim().split(/\s+/));
}
