/** Ingress, worker and admin all in one process: for `baton up` and the demo. */
import { composeAdmin, readAdminConfig } from "@baton/admin";
import { composeIngress, readIngressConfig } from "@baton/ingress";
import { ConfigurationFault, isGiven, type Lifecycle, type Log } from "@baton/runtime";
import { composeWorker, readWorkerConfig } from "@baton/worker";

/** Env is an environment, such as process.env. */
export type Env = NodeJS.ProcessEnv;

/** PROCESS_NAMES in the order in which they are opened: who takes handoffs in comes last, and closes first. */
export const PROCESS_NAMES = ["admin", "worker", "ingress"] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

/** Addresses say where each process listens. */
export type Addresses = Readonly<Record<ProcessName, string>>;

/** AllInOne has read the configuration of all three, and is not open yet. */
export interface AllInOne {
  /** Opens all of them; `life` owns what they open, `logOf` gives each its log. */
  open(life: Lifecycle, logOf: (name: ProcessName) => Log): Promise<Addresses>;
}

/** readAllInOne throws one ConfigurationFault with everything that is wrong for any of them. */
export function readAllInOne(env: Env): AllInOne {
  const config = readAll({
    admin: () => readAdminConfig(env),
    worker: () => readWorkerConfig(env),
    ingress: () => readIngressConfig(env),
  });
  return {
    open: (life, logOf) =>
      openAll({
        admin: () => composeAdmin(config.admin, life, logOf("admin")),
        worker: () => composeWorker(config.worker, life, logOf("worker")),
        ingress: () => composeIngress(config.ingress, life, logOf("ingress")),
      }),
  };
}

/** withDefaults sets what is not given, neither itself nor by its file. */
export function withDefaults(env: Env, defaults: Env): Env {
  return { ...env, ...Object.fromEntries(Object.entries(defaults).filter(([name]) => !isGiven(env, name))) };
}

/**
 * openAll opens one after the other, also after one whose configuration is at fault: all faults are reported together.
 */
async function openAll(
  opens: Readonly<Record<ProcessName, () => Promise<{ readonly url: string }>>>,
): Promise<Addresses> {
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
  return addresses as Addresses;
}

function readAll<R extends Readonly<Record<string, () => unknown>>>(
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
