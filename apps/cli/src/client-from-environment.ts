/** Which Baton the commands talk to, and as whom: from the environment. */
import { type BatonClient, createBatonClient } from "@baton/api";
import { ConfigurationFault } from "@baton/runtime/configuration-fault";
import { readEnvironment } from "@baton/runtime/environment-reader";
import { variables } from "@baton/runtime/environment-variable-schemas";

const token = variables.BATON_TOKEN;
const adminKey = variables.BATON_ADMIN_KEY;
const TOKEN_HELP =
  "the connector token, bt_…, that a project's handoffs carry; `baton connectors token <id>` makes one";
const KEY_HELP = "an admin key, ba_…; `baton up` prints one when it makes it";

const addresses = {
  BATON_INGRESS_URL: variables.BATON_INGRESS_URL,
  BATON_ADMIN_URL: variables.BATON_ADMIN_URL,
  BATON_INGRESS_PORT: variables.BATON_INGRESS_PORT,
  BATON_ADMIN_PORT: variables.BATON_ADMIN_PORT,
  BATON_HOST: variables.BATON_HOST,
};

/** createProjectTokenClient calls Baton for one connector, by its token. Throws a ConfigurationFault without one. */
export function createProjectTokenClient(): BatonClient {
  const env = readEnvironment({ ...addresses, BATON_TOKEN: token.unwrap().describe(TOKEN_HELP) });
  return createBatonClient({ ...apiUrlsOf(env), token: env.BATON_TOKEN });
}

/** createOperatorClient calls the admin API. Throws a ConfigurationFault without a key. */
export function createOperatorClient(): BatonClient {
  const env = readEnvironment({ ...addresses, BATON_ADMIN_KEY: adminKey.unwrap().describe(KEY_HELP) });
  return createBatonClient({ ...apiUrlsOf(env), adminKey: env.BATON_ADMIN_KEY });
}

/**
 * ProjectOrOperatorClient is who asks: a project by its token, and the operator after it where there is a key too; or
 * the operator alone.
 */
export type ProjectOrOperatorClient =
  | { readonly as: "project"; readonly client: BatonClient; readonly operator?: BatonClient }
  | { readonly as: "operator"; readonly client: BatonClient };

/**
 * createProjectOrOperatorClient calls for the connector where there is a token, else as operator. Throws a
 * ConfigurationFault with neither.
 */
export function createProjectOrOperatorClient(): ProjectOrOperatorClient {
  const env = readEnvironment({ ...addresses, BATON_TOKEN: token, BATON_ADMIN_KEY: adminKey });
  const clientOf = (secret: { readonly token: string } | { readonly adminKey: string }) =>
    createBatonClient({ ...apiUrlsOf(env), ...secret });
  const operator = env.BATON_ADMIN_KEY === undefined ? undefined : clientOf({ adminKey: env.BATON_ADMIN_KEY });
  if (env.BATON_TOKEN !== undefined)
    return { as: "project", client: clientOf({ token: env.BATON_TOKEN }), ...(operator && { operator }) };
  if (operator !== undefined) return { as: "operator", client: operator };
  throw new ConfigurationFault([`BATON_TOKEN or BATON_ADMIN_KEY is required: ${TOKEN_HELP}, or ${KEY_HELP}`]);
}

type Addresses = ReturnType<typeof readEnvironment<typeof addresses>>;

function apiUrlsOf(env: Addresses): { readonly ingressUrl: string; readonly adminUrl: string } {
  return {
    ingressUrl: env.BATON_INGRESS_URL ?? reachableUrlOfListenAddress(env.BATON_HOST, env.BATON_INGRESS_PORT),
    adminUrl: env.BATON_ADMIN_URL ?? reachableUrlOfListenAddress(env.BATON_HOST, env.BATON_ADMIN_PORT),
  };
}

/** reachableUrlOfListenAddress is where a process that listens on `host` is called. */
export function reachableUrlOfListenAddress(host: string, port: number): string {
  return `http://${reachableHostOf(host)}:${port}`;
}

/** Who listens on all addresses is called on the loopback one. */
function reachableHostOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
