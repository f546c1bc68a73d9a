/** The doctor's view of the environment: every fault of it, and what can be read of it. */
import { createBatonClient } from "@baton/api";
import { parseRedisUrl } from "@baton/redis/connection";
import { ConfigurationFault } from "@baton/runtime/configuration-fault";
import { type Environment, isVariableGiven, readEnvironment } from "@baton/runtime/environment-reader";
import { variableParsedBy, variables } from "@baton/runtime/environment-variable-schemas";
import { parseKeyring } from "@baton/vault";
import { checkAllInOneConfig, type Env } from "../all-in-one-process.ts";
import { reachableUrlOfListenAddress } from "../client-from-environment.ts";

const schema = {
  ...variables,
  BATON_REDIS_URL: variableParsedBy(parseRedisUrl).optional(),
  BATON_KEYRING: variableParsedBy(parseKeyring).optional(),
};

/** Address is where a process is looked for; `isNamed` where the environment says so, not the default. */
export interface Address {
  readonly url: string;
  readonly isNamed: boolean;
}

/** EnvironmentForChecks: what is not set, or cannot be read, is undefined. */
export type EnvironmentForChecks = ReturnType<typeof readEnvironmentForChecks>;

/**
 * readEnvironmentForChecks never throws for what stands in `env`; `faults` are those that no process, nor the doctor,
 * would start with.
 */
export function readEnvironmentForChecks(env: Env) {
  const read = readValidVariables(env);
  const { BATON_ADMIN_URL: adminUrl, BATON_INGRESS_URL: ingressUrl, BATON_ADMIN_KEY: adminKey } = read;
  const at = (port: `BATON_${"INGRESS" | "ADMIN" | "WORKER"}_PORT`, url?: string): Address | undefined => {
    if (url !== undefined) return { url, isNamed: true };
    const number = read[port];
    return number === undefined
      ? undefined
      : { url: reachableUrlOfListenAddress(read.BATON_HOST ?? LOOPBACK, number), isNamed: isVariableGiven(env, port) };
  };
  const admin = at("BATON_ADMIN_PORT", adminUrl);
  // An environment that names an admin elsewhere, and not the others, has none of them here.
  const isHere = adminUrl === undefined;
  return {
    faults: [...faultsOf(env), ...(SOURCES.some((name) => isVariableGiven(env, name)) ? [] : [NOTHING])],
    admin,
    ingress: isHere || ingressUrl !== undefined ? at("BATON_INGRESS_PORT", ingressUrl) : undefined,
    worker: isHere ? at("BATON_WORKER_PORT") : undefined,
    client:
      adminKey === undefined || admin === undefined ? undefined : createBatonClient({ adminUrl: admin.url, adminKey }),
    redis: read.BATON_REDIS_URL,
    namespace: read.BATON_NAMESPACE,
    shards: read.BATON_SHARDS,
    keyring: read.BATON_KEYRING,
    isReplicated: read.BATON_DURABILITY === "replicated",
  };
}

const LOOPBACK = "127.0.0.1";
const SOURCES = ["BATON_ADMIN_KEY", "BATON_REDIS_URL"];
const NOTHING = "BATON_ADMIN_KEY or BATON_REDIS_URL is required: without either there is nothing to look at";

function faultsOf(env: Env): readonly string[] {
  try {
    checkAllInOneConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
    throw error;
  }
}

function readValidVariables(env: Env): Partial<Environment<typeof schema>> {
  const read = Object.entries(schema).flatMap(([name, type]) => {
    try {
      // By itself: what is wrong elsewhere does not keep it from being read.
      return Object.entries(
        readEnvironment({ [name]: type }, { [name]: env[name], [`${name}_FILE`]: env[`${name}_FILE`] }),
      );
    } catch (error) {
      if (error instanceof ConfigurationFault) return [];
      throw error;
    }
  });
  return Object.fromEntries(read) as Partial<Environment<typeof schema>>;
}
