/** docker-compose.yml, .env.example and the table of settings say the same; and what the containers' check asks. */
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readEnvironment } from "@baton/runtime/environment-reader";
import { expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./world/guide.ts";
import { startRedisServer } from "./world/redis-server.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const run = promisify(execFile);

const compose = parse(read("docker-compose.yml"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly mem_limit?: string;
  readonly secrets?: readonly string[];
}
const OURS = ["ingress", "worker", "admin"];

/** variablesOf gives what Compose takes from `.env`, with what holds without it. */
function variablesOf(text: string): ReadonlyMap<string, string> {
  const written = [...text.matchAll(/(?<!\$)\$\{(\w+)(?::-([^}]*))?\}/g)].map(([, name = "", value = ""]) => ({
    name,
    value,
  }));
  const passedOn = Object.values(compose.services).flatMap(({ environment = {} }) =>
    Object.entries(environment).flatMap(([name, value]) => (value === null ? [{ name, value: "" }] : [])),
  );
  return new Map([...written, ...passedOn].map(({ name, value }) => [name, value]));
}

function sorted(pairs: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] {
  return [...pairs].toSorted(([one], [other]) => one.localeCompare(other));
}

it("shows in .env.example all that docker-compose.yml takes from it, with the same defaults, and nothing else", () => {
  const shown = [...read(".env.example").matchAll(/^# ?(\w+)=(\S*)$/gm)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  );
  expect(sorted(shown)).toEqual(sorted(variablesOf(read("docker-compose.yml"))));
});

it("has every image of others by digest in pinned.env, of the tag that holds without it", () => {
  const pins = [...read("deploy/docker/pinned.env").matchAll(/^(\w+)=(.+)$/gm)].map(([, name = "", value = ""]) => {
    const [, tag = value] = /^([\w./-]+:[\w.-]+)@sha256:[0-9a-f]{64}$/.exec(value) ?? [];
    return [name, tag] as const;
  });
  const images = [...variablesOf(read("docker-compose.yml"))].filter(
    ([name]) => name.endsWith("_IMAGE") && name !== "BATON_IMAGE",
  );
  expect(images).toHaveLength(5);
  expect(sorted(pins)).toEqual(sorted(images));
  const [, base = ""] = /^ARG NODE_IMAGE=(.+)$/m.exec(read("deploy/docker/Dockerfile")) ?? [];
  expect(pins).toContainEqual(["NODE_IMAGE", base]);
  // No image but Baton's own is named otherwise.
  expect(Object.values(compose.services).filter(({ image = "" }) => !/^\$\{\w+_IMAGE:-/.test(image))).toEqual([]);
});

it("passes on every setting of docs/configuration.md that a process has, or sets it itself", () => {
  const rows = read("docs/configuration.md")
    .split("\n")
    .filter((line) => line.startsWith("| `BATON_") && !line.includes("for the command line"));
  const names = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/BATON_\w+/g)].map(([name]) => name));
  expect(names.length).toBeGreaterThan(20);
  const known = new Set([
    ...variablesOf(read("docker-compose.yml")).keys(),
    ...OURS.flatMap((app) => Object.keys(compose.services[app]?.environment ?? {})),
  ]);
  // The image sets it, so that the ports that are published lead somewhere.
  expect(read("deploy/docker/Dockerfile")).toMatch(/^ENV .*BATON_HOST=0\.0\.0\.0/m);
  const missing = names.filter((name) => !known.has(name) && !known.has(`${name}_FILE`) && name !== "BATON_HOST");
  expect(missing).toEqual([]);
});

it("names nothing in .env.example or in the tests that a process or a command would refuse to start with", () => {
  const inCompose = [...variablesOf(read("docker-compose.yml")).keys()];
  const inTests = globSync("tests/**/*.ts", { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/process\.env\.(BATON_TEST_\w+)/g)].map(([, name = ""]) => name),
  );
  expect(inTests).toContain("BATON_TEST_RESEAL");
  const exported = Object.fromEntries([...inCompose, ...inTests].map((name) => [name, "1"]));
  expect(() => readEnvironment({}, exported)).not.toThrow();
});

it("gives every secret as a file, and every container a limit of memory", () => {
  for (const app of OURS) {
    const { environment = {}, secrets = [] } = compose.services[app] ?? {};
    const files = Object.values(environment).filter((value) => value?.startsWith("/run/secrets/"));
    expect(files).toEqual(secrets.map((name) => `/run/secrets/${name}`));
    expect(Object.keys(environment)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/KEYRING$|_KEY$|_URL$/)]),
    );
  }
  expect(Object.values(compose.services).map(({ mem_limit }) => mem_limit)).not.toContain(undefined);
});

it("makes secrets once that only their folder's owner can reach", async () => {
  const folder = join(temporaryFolder(), "secrets");
  const script = join(ROOT, "deploy/docker/make-secrets.sh");
  await run(script, [folder]);
  const made = () => ["keyring", "admin-key", "redis-url"].map((name) => readFileSync(join(folder, name), "utf8"));
  const first = made();
  expect(first).toEqual([
    expect.stringMatching(/^k\d{8}:[\w+/]{43}=\n$/),
    expect.stringMatching(/^ba_[\da-f]{64}\n$/),
    expect.stringMatching(/^redis:\/\/default:[\da-f]{64}@redis:6379\n$/),
  ]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect((await run(script, [folder])).stdout).toBe("");
  expect(made()).toEqual(first);
});

it("takes a container for healthy once one of its ports answers /livez with 200", async () => {
  const port = await serve((request, response) => response.writeHead(request.url === "/livez" ? 200 : 404).end());
  for (const name of ["INGRESS", "ADMIN", "WORKER", "SIMULATOR"]) {
    expect(await healthcheck({ [`BATON_${name}_PORT`]: String(port) })).toBe(0);
  }
});

it.each([
  ["answers 503", () => serve((_request, response) => response.writeHead(503).end())],
  ["takes connections and answers nothing", silent],
])("takes a container for ill whose process %s", async (_what, start) => {
  expect(await healthcheck({ BATON_WORKER_PORT: String(await start()) })).toBe(1);
});

it("takes a container for ill in which nothing listens, whatever Kubernetes set", async () => {
  expect(await healthcheck({ BATON_ADMIN_PORT: "tcp://10.0.0.1:8081" })).toBe(1);
});

/** healthcheck gives the exit code; whatever listens on the usual ports of this machine is not asked. */
async function healthcheck(ports: Readonly<Record<string, string>>): Promise<number> {
  const closed = { BATON_INGRESS_PORT: "1", BATON_ADMIN_PORT: "1", BATON_WORKER_PORT: "1", BATON_SIMULATOR_PORT: "1" };
  const file = join(ROOT, "deploy/docker/healthcheck.sh");
  expect(existsSync(file)).toBe(true);
  const env = { PATH: process.env.PATH, ...closed, ...ports };
  return run("bash", [file], { env }).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  return portOf(server);
}

async function silent(): Promise<number> {
  const server = createTcpServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  return portOf(server);
}

async function portOf(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it.each(["redis://default:secret@redis:6379", "redis://:secret@redis:6379"])(
  "has Redis take its password from an address such as %s",
  async (url) => {
    const scripts = [...read("docker-compose.yml").matchAll(/\$\$\((sed '[^']+') /g)].map(([, script = ""]) => script);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      const { stdout } = await run("sh", ["-c", `echo '${url}' | ${script}`]);
      expect(stdout).toBe("secret\n");
    }
  },
);

it("makes an address of Redis that redis-cli takes, as the runbooks and the backup give it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await run(join(ROOT, "deploy/docker/make-secrets.sh"), [folder]);
  const made = new URL(readFileSync(join(folder, "redis-url"), "utf8").trim());
  const server = await startRedisServer();
  await server.redis.config("SET", "requirepass", made.password);
  made.host = `127.0.0.1:${server.port}`;
  expect((await run("redis-cli", ["-u", made.href, "ping"])).stdout).toBe("PONG\n");
});
