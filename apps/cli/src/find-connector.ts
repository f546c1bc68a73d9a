/** Which connector is meant: by its id, its name, or its project. */
import type { BatonClient, ConnectorJson } from "@baton/api";

/** PAGE is the most that the API gives at once. */
const PAGE = 500;

/** projectOf writes a project as people name it: account, project and environment. */
export function projectOf({ accountId, projectId, environment }: Pick<ConnectorJson, "accountId" | "projectId" | "environment">): string {
  return `${accountId}/${projectId}/${environment}`;
}

/** allConnectors reads every page, the oldest connector first. */
export async function allConnectors(client: Pick<BatonClient, "connectors">): Promise<readonly ConnectorJson[]> {
  const found: ConnectorJson[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page = await client.connectors({ limit: PAGE, ...(cursor !== "" && { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

/** findConnector finds the one with this id (`cn_…`), name or project (`account/project/environment`). Throws an Error where none is, or several are. */
export async function findConnector(client: Pick<BatonClient, "connector" | "connectors">, wanted: string): Promise<ConnectorJson> {
  if (/^cn_[0-9A-Za-z]+$/.test(wanted)) return await client.connector(wanted);
  const found = (await allConnectors(client)).filter((connector) => connector.name === wanted || projectOf(connector) === wanted);
  const [connector] = found;
  if (connector === undefined)
    throw new Error(`no connector has the id, name or project ${JSON.stringify(wanted)}; \`baton connectors list\` shows them`);
  if (found.length > 1)
    throw new Error(`${found.map(({ id }) => id).join(", ")} are all called ${JSON.stringify(wanted)}; name one by its id`);
  return connector;
}
