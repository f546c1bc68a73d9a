/** Ingress's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { createEnvironmentVariableSchemas, type Environment, readEnvironment } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = createEnvironmentVariableSchemas({ parseRedisUrl, parseKeyring, parseAllowedHosts });

/** IngressConfig is every variable of the table in docs/configuration.md, read. */
export type IngressConfig = Environment<typeof schema>;

/** readIngressConfig throws a ConfigurationFault that lists everything wrong. */
export function readIngressConfig(env: NodeJS.ProcessEnv = process.env): IngressConfig {
  return readEnvironment(schema, env);
}
