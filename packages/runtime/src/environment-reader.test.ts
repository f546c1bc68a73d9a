import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { ConfigurationFault } from "./configuration-fault.ts";
import { isVariableGiven, readEnvironment } from "./environment-reader.ts";
import { addressList, duration, integerVariable, port, redisUrl, variables } from "./environment-variable-schemas.ts";
import { createHttpServer } from "./http-server.ts";
import { createMemoryLog } from "./memory-log.ts";

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
    throw error;
  }
  return [];
}

const folder = mkdtempSync(join(tmpdir(), "baton-environment-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileHolding(text: string): string {
  const file = join(folder, text.trim() || "empty");
  writeFileSync(file, text);
  return file;
}

it("gives the defaults of docs/configuration.md when nothing is set", () => {
  expect(readEnvironment(variables, { BATON_HOST: "" })).toMatchObject({
    BATON_REDIS_URL: undefined,
    BATON_NAMESPACE: "baton",
    BATON_INGRESS_PORT: 8080,
    BATON_HOST: "127.0.0.1",
    BATON_RETENTION_ENDED: 86_400_000,
    BATON_CORS_ORIGINS: [],
    BATON_SHUTDOWN_MS: 20_000,
  });
});

it("lists every fault at once, by name, with what would be accepted, and never the value", () => {
  const faults = faultsOf(() =>
    readEnvironment(
      { ...variables, BATON_KEYRING: z.string().describe("`baton keygen` prints one") },
      {
        BATON_REDIS_URL: "http://hunter2",
        BATON_INGRESS_PORT: "hunter2",
        BATON_ADMIN_KEY: "hunter2",
        BATON_CORS_ORIGINS: "https://a.example/hunter2",
        BATON_RETENTION_DEAD: "hunter2",
        BATON_DURABILITY: "hunter2",
        BATON_EGRESS_PROXY: "https://hunter2:3128",
        BATON_HOST: "hunter2!",
        BATON_TOKEN: "hunter2",
      },
    ),
  );
  expect(faults).toEqual([
    "BATON_REDIS_URL: expected redis://, rediss://, redis+cluster:// or redis+sentinel://, then host and port",
    "BATON_ADMIN_KEY: expected ba_ and at least 32 characters in all, each of printable ASCII",
    "BATON_KEYRING is required: `baton keygen` prints one",
    "BATON_INGRESS_PORT: expected a whole number from 0 to 65535",
    "BATON_HOST: expected an IP address (IPv6 without brackets) or a host name",
    "BATON_CORS_ORIGINS: expected origins between commas, such as https://desk.example.com, without a path or an asterisk",
    "BATON_DURABILITY: expected local or replicated",
    "BATON_RETENTION_DEAD: expected a duration such as 500ms, 30s, 5m, 24h or 400d",
    "BATON_EGRESS_PROXY: expected http://[user:pass@]host:port",
    "BATON_TOKEN: expected a connector token, bt_…; `baton connectors token <id>` makes one",
  ]);
});

it.each(["127.0.0.1", "0.0.0.0", "::", "::1", "fe80::1%eth0", "localhost", "baton-ingress.prod.svc", "my_host", "a."])(
  "listens on %s",
  (host) => {
    expect(readEnvironment({ BATON_HOST: variables.BATON_HOST }, { BATON_HOST: host })).toEqual({ BATON_HOST: host });
  },
);

it.each(["!!", "[::1]", "a..b", "-a", "a b", "http://localhost", "localhost:80", "x".repeat(64)])(
  "does not listen on %s",
  (host) => {
    expect(faultsOf(() => readEnvironment({ BATON_HOST: variables.BATON_HOST }, { BATON_HOST: host }))).toEqual([
      "BATON_HOST: expected an IP address (IPv6 without brackets) or a host name",
    ]);
  },
);

it("reads a variable from the file that its _FILE names, without the last line break", () => {
  expect(readEnvironment({ BATON_TOKEN: z.string() }, { BATON_TOKEN_FILE: fileHolding("bt_1\n") })).toEqual({
    BATON_TOKEN: "bt_1",
  });
});

it("refuses a file that cannot be read, and a variable given twice", () => {
  const schema = { BATON_TOKEN: z.string(), BATON_HOST: z.string() };
  const env = { BATON_TOKEN_FILE: "/nowhere/token", BATON_HOST: "a", BATON_HOST_FILE: fileHolding("b") };
  expect(faultsOf(() => readEnvironment(schema, env))).toEqual([
    "BATON_TOKEN_FILE: cannot read /nowhere/token (ENOENT)",
    "BATON_HOST and BATON_HOST_FILE are both set; keep one",
  ]);
});

it("refuses an empty file, and does not take it for a setting that is left out", () => {
  const file = fileHolding("\n");
  const schema = { BATON_EGRESS_PROXY: variables.BATON_EGRESS_PROXY };
  expect(faultsOf(() => readEnvironment(schema, { BATON_EGRESS_PROXY_FILE: file }))).toEqual([
    `BATON_EGRESS_PROXY_FILE: ${file} is empty`,
  ]);
});

it("repeats no value that stands where the path of a file belongs", () => {
  const schema = { BATON_KEYRING: z.string(), BATON_REDIS_URL: z.string() };
  const env = { BATON_KEYRING_FILE: "k1:c2VjcmV0/secret=", BATON_REDIS_URL_FILE: "redis://:secret@h" };
  const faults = faultsOf(() => readEnvironment(schema, env));
  expect(faults).toEqual([
    "BATON_KEYRING_FILE: cannot read the file that it names; write a path that begins with / or ./ (ENOENT)",
    "BATON_REDIS_URL_FILE: cannot read the file that it names; write a path that begins with / or ./ (ENOENT)",
  ]);
});

it.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["400d", 34_560_000_000],
])("reads %s as %i ms", (text, ms) => {
  expect(duration.parse(text)).toBe(ms);
});

it.each(["", "24", "h", "0s", "-1s", "1.5h", "1w", " 1s"])("does not read %o as a duration", (text) => {
  expect(duration.safeParse(text).success).toBe(false);
});

it.each(["65536", "-1", "80.5", "1e3", "0x50", " 80", "99999999999999999999"])("does not read %o as a port", (text) => {
  expect(port.safeParse(text).success).toBe(false);
});

it.each(["*", "https://*.example.com", "null", "https://desk.example.com/"])(
  "does not read %o as an origin",
  (text) => {
    expect(faultsOf(() => readEnvironment(variables, { BATON_CORS_ORIGINS: text }))).toHaveLength(1);
  },
);

it("holds whole numbers to their bounds", () => {
  expect(integerVariable(1, 3).parse("3")).toBe(3);
  expect(integerVariable(1, 3).safeParse("4").error?.issues[0]?.message).toBe("expected a whole number from 1 to 3");
  expect(integerVariable(1).safeParse("0").error?.issues[0]?.message).toBe("expected a whole number, 1 or more");
});

it.each(["redis://127.0.0.1:6379", "rediss://u:p@h:1", "redis+cluster://a:1,b:2?tls", "redis+sentinel://a:1,b:2/main"])(
  "takes %s",
  (url) => {
    expect(redisUrl.parse(url)).toBe(url);
  },
);

it.each(["10.0.0.1", "192.168.0.0/16, 10.0.0.1", "2001:db8::/32", "::1", ""])("takes %o for addresses", (text) => {
  const trustedProxies = addressList.parse(text);
  expect(() => createHttpServer({ log: createMemoryLog(), trustedProxies })).not.toThrow();
});

it.each(["proxy", "10.0.0", "10.0.0.0/33", "10.0.0.0/0", "10.0.0.0/8/8", "2001:db8::/129", "10.0.0.0/"])(
  "does not read %o as addresses",
  (text) => {
    expect(addressList.safeParse(text).success).toBe(false);
  },
);

it.each([
  ["BATON_WORKER_CONCURENCY", "BATON_WORKER_CONCURRENCY"],
  ["BATON_REDIS_URI", "BATON_REDIS_URL"],
  ["BATON_ADMIN_KY_FILE", "BATON_ADMIN_KEY_FILE"],
  ["BATON_ADMIN_PORTS", "BATON_ADMIN_PORT"],
])("refuses %s, which is no variable, and names %s", (name, nearest) => {
  expect(faultsOf(() => readEnvironment(variables, { [name]: "hunter2" }))).toEqual([
    `${name}: there is no such variable; the nearest is ${nearest}`,
  ]);
});

it("takes an empty variable for none, and none that only begins alike for Baton's", () => {
  const env = { BATON_IMAGE: "baton", BATON_NOTHING: "", BATONS: "1" };
  expect(faultsOf(() => readEnvironment(variables, env))).toEqual([]);
});

/**
 * What Kubernetes sets in each container of a namespace with the services baton, baton-ingress, baton-admin and
 * baton-worker.
 */
const SERVICE_LINKS = Object.fromEntries(
  ["BATON", "BATON_INGRESS", "BATON_ADMIN", "BATON_WORKER"].flatMap((service) => [
    [`${service}_SERVICE_HOST`, "10.96.3.7"],
    [`${service}_SERVICE_PORT`, "8081"],
    [`${service}_SERVICE_PORT_HTTP`, "8081"],
    [`${service}_SERVICE_PORT_METRICS_2`, "9090"],
    [`${service}_PORT`, "tcp://10.96.3.7:8081"],
    [`${service}_PORT_8081_TCP`, "tcp://10.96.3.7:8081"],
    [`${service}_PORT_8081_TCP_ADDR`, "10.96.3.7"],
    [`${service}_PORT_8081_TCP_PORT`, "8081"],
    [`${service}_PORT_8081_TCP_PROTO`, "tcp"],
  ]),
);

it("ignores what Kubernetes sets from services, also under the names of its own ports", () => {
  expect(readEnvironment(variables, SERVICE_LINKS)).toMatchObject({
    BATON_INGRESS_PORT: 8080,
    BATON_ADMIN_PORT: 8081,
    BATON_WORKER_PORT: 8082,
  });
  expect(isVariableGiven(SERVICE_LINKS, "BATON_ADMIN_PORT")).toBe(false);
  const fromFile = { ...SERVICE_LINKS, BATON_ADMIN_PORT_FILE: fileHolding("9000") };
  expect(readEnvironment(variables, fromFile).BATON_ADMIN_PORT).toBe(9000);
});

it.each([
  ["BATON_PORT", "8080"],
  ["BATON_ADMIN_SERVICE_HOSTS", "10.96.3.7"],
  ["BATON_ADMIN_URL_PORT", "8081"],
  ["BATON_ADMIN_PORT_8081_HTTP", "8081"],
])("does not take %s=%s for Kubernetes's", (name, value) => {
  expect(faultsOf(() => readEnvironment(variables, { [name]: value }))).toHaveLength(1);
});

/** Reads a faulty environment in a process of its own, whose stderr is a terminal or is not. */
function endOf({ isTerminal }: { isTerminal: boolean }) {
  const code = `
    import { exitOnConfigurationFault, readEnvironment, variables } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    process.stderr.isTTY = ${isTerminal};
    exitOnConfigurationFault("worker", () => readEnvironment(variables));`;
  return spawnSync(process.execPath, ["--conditions=@baton/source", "--input-type=module-typescript", "--eval", code], {
    env: { BATON_WORKER_PORT: "x", BATON_SHARDS: "0" },
    encoding: "utf8",
  });
}

it("prints all faults once on a terminal, as text, and exits 78", () => {
  const { status, stdout, stderr } = endOf({ isTerminal: true });
  expect([status, stdout]).toEqual([78, ""]);
  expect(stderr).toBe(
    "the configuration is not valid:\n  BATON_WORKER_PORT: expected a whole number from 0 to 65535\n  BATON_SHARDS: expected a whole number from 1 to 1024\n",
  );
});

it("prints all faults once elsewhere, as one line of JSON like the log's, and exits 78", () => {
  const { status, stdout, stderr } = endOf({ isTerminal: false });
  expect([status, stdout, stderr.indexOf("\n")]).toEqual([78, "", stderr.length - 1]);
  expect(JSON.parse(stderr)).toEqual({
    level: "error",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    name: "worker",
    pid: expect.any(Number),
    faults: [
      "BATON_WORKER_PORT: expected a whole number from 0 to 65535",
      "BATON_SHARDS: expected a whole number from 1 to 1024",
    ],
    msg: "the configuration is not valid",
  });
});
