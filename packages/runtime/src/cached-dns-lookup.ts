/**
 * Names to addresses without Node's thread pool: `dns.lookup` holds one of its few threads for as long as a name server
 * is silent, so that some names which hang starve all others.
 */
import dns, { type LookupAddress, type LookupOptions, promises } from "node:dns";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DnsCache, type FoundAddresses } from "./dns-cache.ts";
import { type DnsConfigFilePaths, DnsConfigFiles } from "./dns-config-files.ts";

/** LOOKUP_MS bounds one look-up, whatever the name servers do: an attempt's usual limit. */
const LOOKUP_MS = 3_000;

/** QUERY: how long a name server is waited for at first, and how often each is asked. */
const QUERY = { timeout: 1_000, tries: 2 } as const;

/** IPV6_DELAY_MS: IPv6 addresses are waited for so much longer than IPv4's, the resolution delay of RFC 8305. */
const IPV6_DELAY_MS = 50;

/** SERVES_MS: addresses serve for their time to live, but at least and at most so long; `unsaid` where none is said. */
const SERVES_MS = { least: 1_000, most: 60_000, unsaid: 5_000 } as const;

/** Codes by which it is said that a name is not there, or that there is no name server: the system may know better. */
const NOT_THERE: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"]);

/** DnsLookupOptions: as the system has it, unless given. */
export interface DnsLookupOptions extends DnsConfigFilePaths {
  /** Name servers, `address:port`. */
  readonly servers?: readonly string[];
}

/** DnsLookup has `dns.lookup`'s signature. */
export type DnsLookup = typeof dns.lookup;

type Callback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/**
 * createCachedDnsLookup looks names up as the system does: in the hosts file, then with the search domains of
 * resolv.conf. Each name is looked up once at a time, for at most three seconds, and remembered for its time to live.
 * Only a name that no name server has is asked of the system itself (mDNS and their like), one after the other.
 */
export function createCachedDnsLookup({ servers, ...paths }: DnsLookupOptions = {}): DnsLookup {
  const files = new DnsConfigFiles(paths);
  const system = createSystemLookup();
  const cache = new DnsCache((name) => findAddresses(name, { files, servers, system }));
  const lookup = (name: string, given: unknown, last?: Callback): void => {
    const options = typeof given === "object" && given !== null ? (given as LookupOptions) : { family: Number(given) };
    const callback = last ?? (given as Callback);
    addressesOf(cache, name, options).then(
      (all) => {
        if (options.all === true) process.nextTick(callback, null, all);
        else process.nextTick(callback, null, all[0]?.address, all[0]?.family);
      },
      (error: Error) => process.nextTick(callback, error),
    );
  };
  return lookup as DnsLookup;
}

/**
 * replaceNodeDnsLookup makes it the process's own, for every connection by name: some drivers have no option for it
 * (ioredis).
 */
export function replaceNodeDnsLookup(lookup: DnsLookup = createCachedDnsLookup()): void {
  dns.lookup = lookup;
}

async function addressesOf(cache: DnsCache, name: string, { family }: LookupOptions): Promise<LookupAddress[]> {
  const literal = isIP(name);
  const all = literal === 0 ? await cache.addressesOf(name.toLowerCase()) : [{ address: name, family: literal }];
  const wanted = family === 4 || family === "IPv4" ? 4 : family === 6 || family === "IPv6" ? 6 : undefined;
  const chosen = all.filter((each) => wanted === undefined || each.family === wanted);
  if (chosen.length === 0) throw lookupError(name, "ENOTFOUND");
  return chosen;
}

interface Sources {
  readonly files: DnsConfigFiles;
  readonly servers: readonly string[] | undefined;
  readonly system: (name: string, ended: AbortSignal) => Promise<readonly LookupAddress[]>;
}

async function findAddresses(name: string, { files, servers, system }: Sources): Promise<FoundAddresses> {
  const listed = files.addressesOf(name);
  if (listed !== undefined) return { addresses: listed, forMs: SERVES_MS.unsaid };
  const resolver = new promises.Resolver(QUERY);
  if (servers !== undefined) resolver.setServers(servers);
  const ended = new AbortController();
  const search = async (): Promise<FoundAddresses> => {
    for (const candidate of files.candidatesOf(name)) {
      const found = await queryNameServers(resolver, candidate);
      if (found !== undefined) return found;
    }
    return { addresses: await system(name, ended.signal), forMs: SERVES_MS.unsaid };
  };
  const late = sleep(LOOKUP_MS, undefined, { signal: ended.signal }).then(() =>
    Promise.reject(lookupError(name, "ETIMEDOUT")),
  );
  try {
    return await Promise.race([search(), late]);
  } catch (error) {
    throw lookupError(name, (error as NodeJS.ErrnoException).code, error);
  } finally {
    late.catch(() => {});
    ended.abort();
    resolver.cancel();
  }
}

interface Answer {
  readonly addresses: readonly LookupAddress[];
  readonly ttls: readonly number[];
}

/** queryNameServers gives a full name's addresses, IPv4's first; undefined where the name servers have none. */
async function queryNameServers(resolver: promises.Resolver, name: string): Promise<FoundAddresses | undefined> {
  const four = answerOrError(resolver.resolve4(name, { ttl: true }), 4);
  const six = answerOrError(resolver.resolve6(name, { ttl: true }), 6);
  const first = await four;
  const second =
    first instanceof Error || first.addresses.length === 0
      ? await six
      : await Promise.race([six, sleep(IPV6_DELAY_MS)]);
  const answers = [first, second].filter(
    (answer): answer is Answer => answer !== undefined && !(answer instanceof Error),
  );
  const addresses = answers.flatMap((answer) => answer.addresses);
  if (addresses.length > 0) {
    const ttlMs = Math.min(...answers.flatMap((answer) => answer.ttls)) * 1_000;
    return { addresses, forMs: Math.min(Math.max(ttlMs, SERVES_MS.least), SERVES_MS.most) };
  }
  const failure = [first, second].find((answer) => answer instanceof Error);
  if (failure !== undefined) throw failure;
  return undefined;
}

/** answerOrError gives an Error for an answer that is none, and no addresses for a name that is not there. */
async function answerOrError(
  asked: Promise<readonly { address: string; ttl: number }[]>,
  family: 4 | 6,
): Promise<Answer | Error> {
  try {
    const records = await asked;
    return { addresses: records.map(({ address }) => ({ address, family })), ttls: records.map(({ ttl }) => ttl) };
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code)) return { addresses: [], ttls: [] };
    return error as Error;
  }
}

/**
 * createSystemLookup asks getaddrinfo for one name after the other, so that names which hang there hold a single
 * thread.
 */
function createSystemLookup(): Sources["system"] {
  let last: Promise<unknown> = Promise.resolve();
  return (name, ended) => {
    const asked = last.then(() => {
      ended.throwIfAborted();
      return promises.lookup(name, { all: true });
    });
    last = asked.catch(() => {});
    return asked;
  };
}

/** lookupError is what `dns.lookup` gives. */
function lookupError(name: string, code = "EAI_FAIL", cause?: unknown): Error {
  const error = new Error(`getaddrinfo ${code} ${name}`, cause === undefined ? {} : { cause });
  return Object.assign(error, { code, syscall: "getaddrinfo", hostname: name });
}
