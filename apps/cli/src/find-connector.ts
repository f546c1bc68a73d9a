/** Which connector is meant: by its id, its name, or its project. */
import { type BatonClient, type ConnectorJson, ProblemError } from "@baton/api";
import leven from "leven";
import { type ListOptions, readPagesUpToLimit } from "./paged-list.ts";

type Client = Pick<BatonClient, "connector" | "connectors">;

/** CONNECTOR_OPTION is on every command that looks at one connector, or at all. */
export const CONNECTOR_OPTION = [
  "--connector, --connector-id <connector>",
  "of one connector: its id, name or project",
] as const;

/** So many connectors are suggested where none has the name. */
const MAX_SUGGESTIONS = 3;
/** A connector is suggested where at most this part of the characters differs. */
const MAX_DIFFERENCE = 0.4;

/** formatAccountProjectEnvironment writes a project as people name it: account, project and environment. */
export function formatAccountProjectEnvironment({
  accountId,
  projectId,
  environment,
}: Pick<ConnectorJson, "accountId" | "projectId" | "environment">): string {
  return `${accountId}/${projectId}/${environment}`;
}

/** readAllConnectors reads every page, the oldest connector first. */
export async function readAllConnectors(client: Pick<Client, "connectors">): Promise<readonly ConnectorJson[]> {
  const { items } = await readPagesUpToLimit((asked) => client.connectors(asked), { limit: Number.POSITIVE_INFINITY });
  return items;
}

/**
 * findConnector finds the one with this id (`cn_…`), name or project (`account/project`, and `/environment` unless it
 * is `live`). Throws an Error where none is, which names the nearest, or where several are.
 */
export async function findConnector(client: Client, wanted: string): Promise<ConnectorJson> {
  const named = /^cn_[0-9A-Za-z]+$/.test(wanted) ? await readConnectorIfExists(client, wanted) : undefined;
  if (named !== undefined) return named;
  const all = await readAllConnectors(client);
  const found = all.filter((connector) => [connector.name, ...projectNamesOf(connector)].includes(wanted));
  const [connector] = found;
  if (connector === undefined) throw new Error(describeMissing(wanted, all));
  if (found.length > 1)
    throw new Error(
      `${found.map(({ id }) => id).join(", ")} are all called ${JSON.stringify(wanted)}; name one by its id`,
    );
  return connector;
}

/** resolveConnectorFilter gives the id of the connector that an option names; nothing where it is not given. */
export async function resolveConnectorFilter(
  client: Client,
  wanted: string | undefined,
): Promise<{ readonly connectorId?: string }> {
  return wanted === undefined ? {} : { connectorId: (await findConnector(client, wanted)).id };
}

/** readConnectorNamesByIds reads the names of these; one that has been deleted is called by its id. */
export async function readConnectorNamesByIds(client: Client, ids: readonly string[]): Promise<(id: string) => string> {
  const names = new Map(
    await Promise.all(
      [...new Set(ids)].map(async (id) => [id, (await readConnectorIfExists(client, id))?.name ?? id] as const),
    ),
  );
  return (id) => names.get(id) ?? id;
}

/** ConnectorNameOf calls a connector by name. */
export type ConnectorNameOf = (connectorId: string) => string;

/** readConnectorNamesForTable asks for names where a person reads them; programs get ids. */
export async function readConnectorNamesForTable(
  client: Client,
  { json, jsonl }: ListOptions,
  ids: readonly string[],
): Promise<ConnectorNameOf> {
  return json === true || jsonl === true ? (id) => id : await readConnectorNamesByIds(client, ids);
}

async function readConnectorIfExists(
  client: Pick<Client, "connector">,
  id: string,
): Promise<ConnectorJson | undefined> {
  try {
    return await client.connector(id);
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return undefined;
    throw error;
  }
}

/** projectNamesOf gives all that a project may be called by. */
function projectNamesOf(connector: ConnectorJson): readonly string[] {
  const project = formatAccountProjectEnvironment(connector);
  return connector.environment === "live" ? [project, `${connector.accountId}/${connector.projectId}`] : [project];
}

function describeMissing(wanted: string, all: readonly ConnectorJson[]): string {
  const missing = `no connector has the id, name or project ${JSON.stringify(wanted)}`;
  const nearest = findNearestConnectors(wanted, all).map(
    (connector) => `\n  ${connector.name}  ${formatAccountProjectEnvironment(connector)}  ${connector.id}`,
  );
  if (nearest.length === 0) return `${missing}; \`baton connectors list\` shows them`;
  return `${missing}; the nearest:${nearest.join("")}`;
}

function findNearestConnectors(wanted: string, all: readonly ConnectorJson[]): readonly ConnectorJson[] {
  const distanceTo = (connector: ConnectorJson) =>
    Math.min(
      ...[connector.id, connector.name, ...projectNamesOf(connector)].map((name) =>
        difference(wanted.toLowerCase(), name.toLowerCase()),
      ),
    );
  return all
    .map((connector) => ({ connector, difference: distanceTo(connector) }))
    .filter(({ difference }) => difference <= MAX_DIFFERENCE)
    .toSorted((one, other) => one.difference - other.difference)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ connector }) => connector);
}

/** difference is the part of the characters that differs; a part of a name is nearly the name. */
function difference(wanted: string, name: string): number {
  if (wanted.length > 2 && name.includes(wanted)) return 0;
  return leven(wanted, name) / Math.max(wanted.length, name.length);
}
