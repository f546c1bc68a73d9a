/** Baton's processes, started as the chart's containers would be: do they know every variable, and do they work? */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { type Child, startChild } from "@baton/chaos/child-process";
import { startRedis, waitUntil } from "@baton/chaos/redis-server";
import { generateKeyringEntry } from "@baton/vault";
import getPort from "get-port";
import type { CheckContext } from "./main.ts";
import { type Container, containersOf, dueQueryOf } from "./objects.ts";
import { type KubernetesObject, render, VALUES } from "./render.ts";

const BATON = join(import.meta.dirname, "../../apps/cli/bin/baton.mjs");
/** Where the containers have their files. */
const MOUNTED = "/etc/baton/";
/** A process is ready within so long on a busy machine, or never. Milliseconds. */
const START_MS = 60_000;
const ADMIN_KEY = `ba_${"0123456789abcdef".repeat(2)}`;

/** Stage is where one set of values is tried: the files that are mounted, and the ports, which this machine shares. */
interface Stage {
  readonly folder: string;
  readonly ports: Readonly<Record<"ingress" | "worker" | "admin", number>>;
}

interface Running {
  readonly name: string;
  readonly child: Child;
  readonly logFile: string;
}

/** startProcesses starts all three for each set of values, on a Redis with a replica, and looks at what they say. */
export async function startProcesses({ tools, folder }: CheckContext): Promise<void> {
  const master = await startRedis({ name: "master", folder, fsync: "everysec" });
  const replica = await startRedis({ name: "replica", folder, fsync: "everysec", replicaOf: master.port });
  try {
    writeSecrets(folder, `redis://127.0.0.1:${master.port}`);
    for (const values of VALUES) {
      const [ingress, worker, admin] = [await getPort(), await getPort(), await getPort()];
      await tryValues(await render(tools, values), { folder, ports: { ingress, worker, admin } });
    }
  } finally {
    await Promise.all([master, replica].map((redis) => redis.child().kill()));
  }
}

async function tryValues(objects: readonly KubernetesObject[], stage: Stage): Promise<void> {
  const containers = objects.flatMap(containersOf);
  const running: Running[] = [];
  try {
    await Promise.all(containers.map((container) => startAndProbe(container, stage, running)));
    await askWhatIsDue(objects, stage);
    const admin = containers.find(({ args }) => args[0] === "admin");
    if (containers.length !== 3 || admin === undefined) throw new Error("there are not three containers");
    await exitsWith0({ ...start("doctor", admin, stage), name: "doctor" });
    await Promise.all(
      running.map((process) => {
        process.child.signal("SIGTERM");
        return exitsWith0(process);
      }),
    );
  } finally {
    await Promise.all(running.map(({ child }) => child.kill()));
  }
}

/** startAndProbe resolves once the container's probes are answered with 200. */
async function startAndProbe(container: Container, stage: Stage, running: Running[]): Promise<void> {
  const [name = ""] = container.args;
  let url = "";
  const process = start(name, container, stage, (line) => {
    url ||= /"url":"([^"]+)"/.exec(line)?.[1] ?? "";
  });
  running.push(process);
  const paths = [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path);
  const isUp = async () =>
    (await Promise.all(paths.map((path) => fetch(`${url}${path}`)))).every(({ status }) => status === 200);
  const early = process.child.ended.then((code) => Promise.reject(new Error(`it ended with ${code}`)));
  early.catch(() => undefined);
  await Promise.race([waitUntil(isUp, START_MS), early]).catch((error: unknown) => {
    throw new Error(`${name}: ${error}\n${readFileSync(process.logFile, "utf8")}`, { cause: error });
  });
}

/** start runs a command of Baton's with a container's variables and no others, but for addresses of this machine. */
function start(
  name: string,
  { env }: Container,
  stage: Stage,
  onLine: (line: string) => void = () => undefined,
): Running {
  const variables = env.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value.replace(MOUNTED, `${stage.folder}/`)]],
  );
  const here = {
    BATON_HOST: "127.0.0.1",
    BATON_INGRESS_PORT: `${stage.ports.ingress}`,
    BATON_WORKER_PORT: `${stage.ports.worker}`,
    BATON_ADMIN_PORT: `${stage.ports.admin}`,
  };
  const logFile = join(stage.folder, `${name}.log`);
  const command = [process.execPath, BATON, name];
  const child = startChild({ command, env: { ...Object.fromEntries(variables), ...here }, logFile, onLine });
  return { name, child, logFile };
}

async function exitsWith0({ name, child, logFile }: Running): Promise<void> {
  const code = await child.ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${readFileSync(logFile, "utf8")}`);
}

/** askWhatIsDue asks admin as KEDA would: it expects a number where the ScaledObject says. */
async function askWhatIsDue(objects: readonly KubernetesObject[], { ports }: Stage): Promise<void> {
  for (const { path, valueLocation } of objects.flatMap(dueQueryOf)) {
    const headers = { authorization: `Bearer ${ADMIN_KEY}` };
    const answer: unknown = await (await fetch(`http://127.0.0.1:${ports.admin}${path}`, { headers })).json();
    const value = valueLocation
      .split(".")
      .reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], answer);
    if (typeof value !== "number") throw new Error(`${path} has no number at ${valueLocation}`);
  }
}

/** The Secret's keys and the authority's certificate, as they are mounted. */
function writeSecrets(folder: string, redisUrl: string): void {
  const files = {
    "secret/redis-url": redisUrl,
    "secret/keyring": generateKeyringEntry(),
    "secret/admin-key": ADMIN_KEY,
    "secret/egress-proxy": "http://127.0.0.1:3128",
    "ca/ca.pem": rootCertificates[0] ?? "",
  };
  for (const name of ["secret", "ca"]) mkdirSync(join(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
