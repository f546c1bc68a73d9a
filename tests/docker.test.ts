/**
 * The containers as shipped: built, started by docker-compose.yml, used from outside. Left out of a run where no engine
 * answers (vitest.config.ts).
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { createBatonClient } from "@baton/api";
import { createToken, generateKeyringEntry } from "@baton/vault";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

const ROOT = join(import.meta.dirname, "..");
/** Kept after the run, so that the next one builds only what changed. */
const IMAGE = "baton:test";
const PROCESSES = ["ingress", "worker", "admin", "simulator"];
const SIMULATOR = "http://simulator:8090";
/** A first build fetches all packages and copies a Debian for each step on an engine without overlays. */
const BUILD_MS = 900_000;
const HEALTHY_MS = 120_000;

const project = `baton-test-${randomBytes(4).toString("hex")}`;
const adminKey = createToken("ba").token;
const environment = {
  ...process.env,
  BATON_IMAGE: IMAGE,
  BATON_KEYRING: generateKeyringEntry(),
  BATON_ADMIN_KEY: adminKey,
  BATON_ALLOWED_HOSTS: SIMULATOR,
  // Docker chooses free ones.
  BATON_INGRESS_PORT: "0",
  BATON_WORKER_PORT: "0",
  BATON_ADMIN_PORT: "0",
  BATON_SIMULATOR_PORT: "0",
};

beforeAll(async () => {
  // Host: where a registry is only to be reached from the machine itself, the build reaches it too.
  await run("docker", [
    "build",
    "--quiet",
    "--network",
    "host",
    "--file",
    "deploy/docker/Dockerfile",
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
}, HEALTHY_MS);

it("delivers a handoff to the simulator", async () => {
  const admin = createBatonClient({ adminUrl: await address("admin", 8081), adminKey });
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
  const options = ["--env-file", ".env.example", "--project-name", project, "--profile", "simulator"];
  const plugin = await run("docker", ["compose", "version"]).catch(() => undefined);
  return plugin === undefined
    ? await run("docker-compose", [...options, ...args])
    : await run("docker", ["compose", ...options, ...args]);
}

async function address(service: string, port: number): Promise<string> {
  return `http://${await compose("port", service, String(port))}`;
}

/** What `docker inspect` says of each process, by its name. */
async function inspect(format: string): Promise<Record<string, string>> {
  const said = PROCESSES.map(async (name) => {
    const id = await run("docker", [
      ...["ps", "--all", "--quiet"],
      ...["--filter", `label=com.docker.compose.project=${project}`],
      ...["--filter", `label=com.docker.compose.service=${name}`],
    ]);
    return [name, await run("docker", ["inspect", "--format", format, id])] as const;
  });
  return Object.fromEntries(await Promise.all(said));
}

function everywhere(value: string): Record<string, string> {
  return Object.fromEntries(PROCESSES.map((name) => [name, value]));
}
