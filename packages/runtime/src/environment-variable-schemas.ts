/** How variables of the environment are written, and which of them every process checks. */
import { isIP } from "node:net";
import { z } from "zod";

const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const REDIS_SCHEMES = ["redis:", "rediss:", "redis+cluster:", "redis+sentinel:"];

/** text is a variable that is taken as it stands. */
export const text = z.string();

/** integerVariable reads a whole number from `min` to `max`. */
export function integerVariable(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  const expected =
    max === Number.MAX_SAFE_INTEGER
      ? `expected a whole number, ${min} or more`
      : `expected a whole number from ${min} to ${max}`;
  return z.string(expected).transform((value, context) => {
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    context.addIssue(expected);
    return z.NEVER;
  });
}

/** positiveInteger reads 1 or more. */
const positiveInteger = integerVariable(1);

/** ratio reads a number from 0 to 1. */
export const ratio = z.string("expected a number from 0 to 1").transform((value, context) => {
  const number = /^\d(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN;
  if (number <= 1) return number;
  context.addIssue("expected a number from 0 to 1");
  return z.NEVER;
});

/** port reads a TCP port; 0 lets the system choose a free one. */
export const port = integerVariable(0, 65_535);

/** duration reads `500ms`, `30s`, `5m`, `24h` or `400d` into milliseconds, more than none. */
export const duration = z.string().transform((value, context) => {
  const [, digits, unit] = DURATION.exec(value) ?? [];
  const ms = isUnit(unit) ? Number(digits) * UNIT_MS[unit] : 0;
  if (ms > 0) return ms;
  context.addIssue("expected a duration such as 500ms, 30s, 5m, 24h or 400d");
  return z.NEVER;
});

/** list reads parts between commas; spaces around them and empty parts are dropped. */
export const list = z.string().transform((value) => splitList(value));

/** originList reads browser origins, such as `https://desk.example.com,http://localhost:5173`. */
const originList = list.refine((origins) => origins.every(isOrigin), {
  error: "expected origins between commas, such as https://desk.example.com, without a path or an asterisk",
});

/** HOST_NAME is labels of at most 63 characters (RFC 1123); some networks have underscores in them. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}\.?$/;

/** listenHost reads what a process listens on. */
const listenHost = z.string().refine((value) => isIP(value) !== 0 || HOST_NAME.test(value), {
  error: "expected an IP address (IPv6 without brackets) or a host name",
});

/** addressList reads IP addresses and ranges of them. */
export const addressList = list.refine((addresses) => addresses.every(isAddressRange), {
  error: "expected IP addresses or ranges between commas, such as 10.0.0.1,192.168.0.0/16",
});

/** httpUrl reads an absolute http or https address. */
export const httpUrl = z.string().refine((value) => ["http:", "https:"].includes(protocolOf(value)), {
  error: "expected an address that begins with http:// or https://",
});

/** proxyUrl reads an HTTP proxy's address. One that is spoken to over TLS is not supported. */
const proxyUrl = z.string().refine((value) => protocolOf(value) === "http:" && isProxy(new URL(value)), {
  error: "expected http://[user:pass@]host:port",
});

/**
 * variableParsedBy reads a variable with `parse`; what it throws is reported as the fault, so its message must not
 * repeat the value.
 */
export function variableParsedBy<T>(parse: (value: string) => T) {
  return z.string().transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error));
      return z.NEVER;
    }
  });
}

/**
 * redisUrl reads the address of a Redis, a cluster (`redis+cluster://`) or a Sentinel
 * (`redis+sentinel://…/master-name`).
 */
export const redisUrl = z
  .string()
  .refine(
    (value) => REDIS_SCHEMES.some((scheme) => value.startsWith(`${scheme}//`) && value.length > scheme.length + 2),
    {
      error: "expected redis://, rediss://, redis+cluster:// or redis+sentinel://, then host and port",
    },
  );

/**
 * variables is every variable of the table in docs/configuration.md that this package can judge by itself;
 * BATON_KEYRING and BATON_ALLOWED_HOSTS are only known to exist here, and read by the packages that know them. Each
 * process checks all of them, and overrides what it demands.
 */
export const variables = {
  BATON_REDIS_URL: redisUrl.optional(),
  BATON_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, "expected 1 to 64 letters, digits, dots, dashes or underscores")
    .default("baton"),
  BATON_ADMIN_KEY: z
    .string()
    // A header carries it.
    .regex(/^ba_[!-~]{29,}$/, "expected ba_ and at least 32 characters in all, each of printable ASCII")
    .optional(),
  BATON_KEYRING: text.optional(),
  BATON_INGRESS_PORT: port.default(8080),
  BATON_ADMIN_PORT: port.default(8081),
  BATON_WORKER_PORT: port.default(8082),
  BATON_SIMULATOR_PORT: port.default(8090),
  BATON_HOST: listenHost.default("127.0.0.1"),
  BATON_TRUSTED_PROXIES: addressList.default([]),
  BATON_CORS_ORIGINS: originList.default([]),
  BATON_WORKER_CONCURRENCY: integerVariable(1, 100_000).default(256),
  BATON_SHARDS: integerVariable(1, 1_024).default(1),
  BATON_DURABILITY: z.enum(["local", "replicated"], "expected local or replicated").default("local"),
  BATON_MAX_PENDING: positiveInteger.default(10_000),
  BATON_RETENTION_ENDED: duration.default(24 * UNIT_MS.h),
  BATON_RETENTION_DEAD: duration.default(30 * UNIT_MS.d),
  BATON_RETENTION_AUDIT: duration.default(400 * UNIT_MS.d),
  BATON_ALLOWED_HOSTS: list.default([]),
  BATON_EGRESS_PROXY: proxyUrl.optional(),
  BATON_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"], "expected debug, info, warn or error").default("info"),
  BATON_DRAIN_MS: integerVariable(0, 3_600_000).default(0),
  BATON_SHUTDOWN_MS: integerVariable(1, 3_600_000).default(20_000),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_TRACES_SAMPLER_ARG: ratio.default(1),
  BATON_INGRESS_URL: httpUrl.optional(),
  BATON_ADMIN_URL: httpUrl.optional(),
  BATON_TOKEN: z
    .string()
    .regex(/^bt_\S+$/, "expected a connector token, bt_…; `baton connectors token <id>` makes one")
    .optional(),
} as const;

function splitList(value: string): readonly string[] {
  return value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && unit in UNIT_MS;
}

function isAddressRange(value: string): boolean {
  const [address = "", bits = "1", ...more] = value.split("/");
  const width = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= width && more.length === 0
  );
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && value !== "null" && !value.includes("*");
}

/** A percent sign in a password is written %25: what cannot be decoded was meant otherwise. */
function isProxy({ pathname, username, password }: URL): boolean {
  return pathname === "/" && [username, password].every((part) => !/%(?![0-9a-f]{2})/i.test(part));
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : "";
}

/** ProcessParsers read the variables whose form other packages know; what they throw is reported as the fault. */
interface ProcessParsers<Redis, Keyring, Hosts> {
  readonly parseRedisUrl: (url: string) => Redis;
  readonly parseKeyring: (keyring: string) => Keyring;
  readonly parseAllowedHosts: (hosts: readonly string[]) => Hosts;
}

/**
 * createEnvironmentVariableSchemas gives the schema of every variable, with those required and read that each of the
 * three processes needs. Ingress and admin check the allowed hosts too, so that a fault in them shows wherever a
 * process is started first.
 */
export function createEnvironmentVariableSchemas<Redis, Keyring, Hosts>(
  parsers: ProcessParsers<Redis, Keyring, Hosts>,
) {
  const { parseRedisUrl, parseKeyring, parseAllowedHosts } = parsers;
  return {
    ...variables,
    BATON_REDIS_URL: variableParsedBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
    BATON_KEYRING: variableParsedBy(parseKeyring).describe("`baton keygen` prints one"),
    BATON_ALLOWED_HOSTS: variableParsedBy((value) => parseAllowedHosts(list.parse(value))).prefault(""),
  };
}
