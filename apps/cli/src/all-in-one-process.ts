/** Ingress, worker and admin all in one process: for `baton up` and the demo. */
import { composeAdmin, readAdminConfig } from "@baton/admin";
import { composeIngress, readIngressConfig } from "@baton/ingress";
import { ConfigurationFault, isVariableGiven, type Lifecycle, type Log } from "@baton/runtime";
import { createToken, generateKeyringEntry } from "@baton/vault";
import { composeWorker, readWorkerConfig } from "@baton/worker";

/** Env is an environment, such as process.env. */
export type Env = NodeJS.ProcessEnv;

/** PROCESS_NAMES in the order in which they are opened: who takes handoffs in comes last, and closes first. */
export const PROCESS_NAMES = ["admin", "worker", "ingress"] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

/** ProcessAddresses say where each process listens. */
export type ProcessAddresses = Readonly<Record<ProcessName, string>>;

/** AllInOneConfig is the configuration of all three. */
export interface AllInOneConfig {
  readonly admin: ReturnType<typeof readAdminConfig>;
  readonly worker: ReturnType<typeof readWorkerConfig>;
  readonly ingress: ReturnType<typeof readIngressConfig>;
}

/** readAllInOneConfig throws one ConfigurationFault with everything that is wrong for any of them. */
export function readAllInOneConfig(env: Env): AllInOneConfig {
  return readAllConfigs({
    admin: () => readAdminConfig(env),
    worker: () => readWorkerConfig(env),
    ingress: () => readIngressConfig(env),
  });
}

/**
 * checkAllInOneConfig throws one ConfigurationFault with everything that is wrong with what is set: Redis, key ring and
 * admin key may be missing.
 */
export function checkAllInOneConfig(env: Env): void {
  readAllInOneConfig(
    addDefaultsToEnvironment(env, {
      BATON_REDIS_URL: "redis://127.0.0.1",
      BATON_KEYRING: generateKeyringEntry(),
      BATON_ADMIN_KEY: createToken("ba").token,
    }),
  );
}

/** openIngressWorkerAndAdmin opens all of them; `life` owns what they open, `logOf` gives each its log. */
export async function openIngressWorkerAndAdmin(
  { admin, worker, ingress }: AllInOneConfig,
  life: Lifecycle,
  logOf: (name: ProcessName) => Log,
): Promise<ProcessAddresses> {
  return await openAllProcesses({
    admin: () => composeAdmin(admin, life, logOf("admin")),
    worker: () => composeWorker(worker, life, logOf("worker")),
    ingress: () => composeIngress(ingress, life, logOf("ingress")),
  });
}

/** addDefaultsToEnvironment sets what is not given, neither itself nor by its file. */
export function addDefaultsToEnvironment(env: Env, defaults: Env): Env {
  return { ...env, ...Object.fromEntries(Object.entries(defaults).filter(([name]) => !isVariableGiven(env, name))) };
}

/**
 * openAllProcesses opens one after the other, also after one whose configuration is at fault: all faults are reported
 * together.
 */
async function openAllProcesses(
  opens: Readonly<Record<ProcessName, () => Promise<{ readonly url: string }>>>,
): Promise<ProcessAddresses> {
  const faults = new Set<string>();
  const addresses: Partial<Record<ProcessName, string>> = {};
  for (const name of PROCESS_NAMES) {
    try {
      addresses[name] = (await opens[name]()).url;
    } catch (error) {
      if (!(error instanceof ConfigurationFault)) throw error;
      for (const fault of error.faults) faults.add(fault);
    }
  }
  if (faults.size > 0) throw new ConfigurationFault([...faults]);
  return addresses as ProcessAddresses;
}

function readAllConfigs<R extends Readonly<Record<string, () => unknown>>>(
  readers: R,
): { readonly [Name in keyof R]: ReturnType<R[Name]> } {
  const faults = new Set<string>();
  const read = Object.entries(readers).map(([name, reader]): [string, unknown] => {
    try {
      return [name, reader()];
    } catch (error) {
      if (!(error instanceof ConfigurationFault)) throw error;
      for (const fault of error.faults) faults.add(fault);
      return [name, undefined];
    }
  });
  if (faults.size > 0) throw new ConfigurationFault([...faults]);
  return Object.fromEntries(read) as { readonly [Name in keyof R]: ReturnType<R[Name]> };
}
