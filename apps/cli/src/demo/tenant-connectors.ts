/** The demo's tenants, each with its connector, made through the admin API, and the token that its handoffs carry. */
import { type BatonClient, createBatonClient } from "@baton/api";
import type { CxOneCredentials } from "@baton/domain";
import { TENANT_SETUPS, type TenantName } from "./demo-scenarios.ts";
import type { DemoServices } from "./demo-services.ts";

/** Tenant is one client at work. */
export interface Tenant {
  readonly name: TenantName;
  readonly connectorId: string;
  readonly credentials: CxOneCredentials;
  readonly token: string;
  /** A client with its token. */
  readonly baton: BatonClient;
}

export type Tenants = Readonly<Record<TenantName, Tenant>>;

/** createTenantConnectors also sets what is wrong with each client's CXone in the simulator. */
export async function createTenantConnectors(demo: DemoServices): Promise<Tenants> {
  const entries: [TenantName, Tenant][] = [];
  for (const name of Object.keys(TENANT_SETUPS) as TenantName[])
    entries.push([name, await createTenantConnector(demo, name)]);
  return Object.fromEntries(entries) as Tenants;
}

async function createTenantConnector(
  { operator, simulator, addresses }: DemoServices,
  name: TenantName,
): Promise<Tenant> {
  const { delivery, fault, wrongSecret } = TENANT_SETUPS[name];
  const slug = name.toLowerCase();
  const credentials = {
    clientId: `baton@${slug}`,
    clientSecret: `${slug}-client-secret`,
    accessKeyId: `${slug.toUpperCase()}====`,
    accessKeySecret: `${slug}-access-key-secret`,
  };
  if (fault !== undefined) simulator.answer({ ...fault, accessKeyId: credentials.accessKeyId });
  if (wrongSecret)
    simulator.accessKey({
      accessKeyId: credentials.accessKeyId,
      accessKeySecret: "another secret than Baton has",
    });
  const { id: connectorId } = await operator.createConnector({
    name,
    accountId: slug,
    projectId: "voice-agent",
    cxone: { issuer: simulator.url },
    credentials,
    delivery,
  });
  const { token } = await operator.createToken(connectorId);
  return { name, connectorId, credentials, token, baton: createBatonClient({ ingressUrl: addresses.ingress, token }) };
}
