/** Baton's processes, started as the chart's containers would be: do they know every variable, and are they ready? */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { startChild } from "@baton/chaos/child";
import { startRedis, until } from "@baton/chaos/redis-server";
import { generateKeyringEntry } from "@baton/vault";
import type { CheckContext } from "./main.ts";
import { type KubernetesObject, render, VALUES } from "./render.ts";

const BATON = join(import.meta.dirname, "../../apps/cli/bin/baton.mjs");
/** Where the containers have their files. */
const MOUNTED = "/etc/baton/";
/** What is different of a process here: it shares this machine with others. */
const HERE = { BATON_INGRESS_PORT: "0", BATON_WORKER_PORT: "0", BATON_ADMIN_PORT: "0", BATON_HOST: "127.0.0.1" };

/** Container is what is read of a container: how it is started and asked. */
interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

/** startProcesses starts all three for each set of values, on a Redis with a replica, asks their probes, ends them. */
export async function startProcesses({ tools, folder }: CheckContext): Promise<void> {
  const master = await startRedis({ name: "master", folder, fsync: "everysec" });
  const replica = await startRedis({ name: "replica", folder, fsync: "everysec", replicaOf: master.port });
  try {
    writeSecrets(folder, `redis://127.0.0.1:${master.port}`);
    for (const values of VALUES) {
      const containers = (await render(tools, values)).flatMap(containersOf);
      if (containers.length !== 3) throw new Error(`${values}: ${containers.length} containers, where 3 belong`);
      await Promise.all(containers.map((container) => startAndEnd(container, folder)));
    }
  } finally {
    await Promise.all([master, replica].map((redis) => redis.child().kill()));
  }
}

/** A container's process has its variables and no others. */
async function startAndEnd({ args, env, readinessProbe, livenessProbe }: Container, folder: string): Promise<void> {
  const variables = env.map(({ name, value }) => [name, value.replace(MOUNTED, `${folder}/`)]);
  const logFile = join(folder, `${args[0]}.log`);
  let url = "";
  const child = startChild({
    command: [process.execPath, BATON, ...args],
    env: { ...Object.fromEntries(variables), ...HERE },
    logFile,
    onLine: (line) => {
      url ||= /"url":"([^"]+)"/.exec(line)?.[1] ?? "";
    },
  });
  const isUp = async () => {
    const paths = [livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
    const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)));
    return answers.every(({ status }) => status === 200);
  };
  try {
    const early = child.ended.then((code) => Promise.reject(new Error(`it ended with ${code}`)));
    await Promise.race([until(isUp), early]);
    child.signal("SIGTERM");
    early.catch(() => undefined);
    const code = await child.ended;
    if (code !== 0) throw new Error(`it ended with ${code} after SIGTERM`);
  } catch (error) {
    throw new Error(`${args[0]}: ${error}\n${readFileSync(logFile, "utf8")}`, { cause: error });
  } finally {
    await child.kill();
  }
}

/** The Secret's keys and the authority's certificate, as they are mounted. */
function writeSecrets(folder: string, redisUrl: string): void {
  const files = {
    "secret/redis-url": redisUrl,
    "secret/keyring": generateKeyringEntry(),
    "secret/admin-key": `ba_${"0123456789abcdef".repeat(2)}`,
    "secret/egress-proxy": "http://127.0.0.1:3128",
    "ca/ca.pem": rootCertificates[0] ?? "",
  };
  for (const name of ["secret", "ca"]) mkdirSync(join(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

function containersOf({ kind, spec }: KubernetesObject): readonly Container[] {
  if (kind !== "Deployment") return [];
  const { template } = spec as { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
  return template.spec.containers;
}
