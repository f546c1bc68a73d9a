/** `baton up`: ingress, worker and admin in one process, sharing one lifecycle. */
import { createBatonClient } from "@baton/api";
import {
  exitOnConfigurationFault,
  isVariableGiven,
  openEmbeddedRedis,
  readEnvironment,
  runProcess,
  variables,
} from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { createToken, generateKeyringEntry } from "@baton/vault";
import {
  addDefaultsToEnvironment,
  checkAllInOneConfig,
  type Env,
  openIngressWorkerAndAdmin,
  type ProcessAddresses,
  readAllInOneConfig,
} from "./all-in-one-process.ts";
import { type DataFolder, ensureDataFolder, type FolderLock, type KeptSecret, lockFolder } from "./data-folder.ts";
import { formatFields } from "./text-table.ts";

/** KEPT is what the data folder keeps unless the environment gives it. */
const KEPT = ["BATON_REDIS_URL", "BATON_KEYRING", "BATON_ADMIN_KEY"] as const;

/** runBatonUp runs until a signal to stop. With a configuration at fault it exits 78, before anything is made. */
export async function runBatonUp(data: string): Promise<never> {
  const config = exitOnConfigurationFault("up", () => {
    checkAllInOneConfig(process.env);
    return readEnvironment(variables);
  });
  const { BATON_LOG_LEVEL: level, BATON_DRAIN_MS: drainMs, BATON_SHUTDOWN_MS: shutdownMs } = config;
  const folder = KEPT.every((name) => isVariableGiven(process.env, name))
    ? undefined
    : await openLockedDataFolder(data);
  const { keyring, adminKey } = keepKeys(process.env, folder);
  const logOf = (name: string) => createLog({ name, level });
  return await runProcess({
    name: "up",
    log: logOf("up"),
    drainMs,
    shutdownMs,
    async start(life) {
      if (folder !== undefined) life.use(folder.lock, "data folder");
      const redis = life.use(
        await openEmbeddedRedis({ ...(folder && { folder: folder.redis }), log: logOf("redis") }),
        "redis",
      );
      const env = addDefaultsToEnvironment(process.env, {
        BATON_REDIS_URL: redis.url,
        BATON_KEYRING: keyring?.value,
        BATON_ADMIN_KEY: adminKey?.value,
      });
      const addresses = await openIngressWorkerAndAdmin(readAllInOneConfig(env), life, logOf);
      const link = await createSignInLink(addresses, env);
      process.stderr.write(
        `${describeAddressesAndKeys(addresses, { folder: folder?.path, keyring, adminKey, link })}\n`,
      );
    },
  });
}

/** openLockedDataFolder throws where another `baton up` has the folder open. */
async function openLockedDataFolder(path: string): Promise<DataFolder & { readonly lock: FolderLock }> {
  const folder = ensureDataFolder(path);
  const lock = await lockFolder(folder.path);
  if (lock === undefined)
    throw new Error(`another \`baton up\` uses ${folder.path}; stop it, or name another folder with --data`);
  return { ...folder, lock };
}

/** KeptKeys are what `up` keeps itself; undefined where the environment gives them. */
interface KeptKeys {
  readonly keyring: KeptSecret | undefined;
  readonly adminKey: KeptSecret | undefined;
}

function keepKeys(env: Env, folder: DataFolder | undefined): KeptKeys {
  return {
    keyring: isVariableGiven(env, "BATON_KEYRING") ? undefined : folder?.secret("keyring", generateKeyringEntry),
    adminKey: isVariableGiven(env, "BATON_ADMIN_KEY")
      ? undefined
      : folder?.secret("admin-key", () => createToken("ba").token),
  };
}

/** createSignInLink gives none where Redis does not answer now: the console takes the admin key, too. */
async function createSignInLink({ admin }: ProcessAddresses, env: Env): Promise<string | undefined> {
  const { BATON_ADMIN_KEY: adminKey } = readEnvironment({ BATON_ADMIN_KEY: variables.BATON_ADMIN_KEY.unwrap() }, env);
  try {
    return await createBatonClient({ adminUrl: admin, adminKey }).createSignInLink();
  } catch {
    return undefined;
  }
}

interface UpAddresses extends KeptKeys {
  readonly folder: string | undefined;
  readonly link: string | undefined;
}

function describeAddressesAndKeys(
  { ingress, worker, admin }: ProcessAddresses,
  { folder, keyring, adminKey, link }: UpAddresses,
): string {
  return formatFields({
    console: admin,
    "sign in": link === undefined ? "with the admin key" : `${link}  (once, within 10 min; later with the admin key)`,
    ingress: `${ingress}  (documentation: ${ingress}/docs)`,
    admin: `${admin}  (documentation: ${admin}/docs)`,
    worker: `${worker}  (health and metrics)`,
    "data folder": folder,
    "key ring":
      keyring &&
      `${keyring.isNew ? "made, and kept" : "read"} in ${keyring.path}; without it nothing in Redis can be opened`,
    "admin key": adminKey && (adminKey.isNew ? `${adminKey.value}  (shown this once)` : "as before"),
    "": adminKey && `export BATON_ADMIN_KEY="$(cat ${quoteForShell(adminKey.path)})"`,
  });
}

/** For a shell, inside double quotes or out of them. */
function quoteForShell(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
