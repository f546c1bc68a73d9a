/** A Redis Cluster of a test's own: three masters, with a replica each or none, as real processes. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BUS_OFFSET, eventually, freePort, HOST, type RedisServer, startRedisServer } from "./redis-server.ts";
import { asOptions, type Certificates, TLS_HOST, tlsSettings } from "./tls-redis.ts";

const MASTERS = 3;
const SLOTS = 16_384;
/** A master that is silent for so long is replaced. Milliseconds. */
const NODE_TIMEOUT_MS = 2_000;
const OPTIONS = [
  "--cluster-enabled",
  "yes",
  "--cluster-config-file",
  "nodes.conf",
  "--cluster-node-timeout",
  String(NODE_TIMEOUT_MS),
  "--cluster-port",
];

/** ClusterNode is one server, and what the cluster says of it. */
export interface ClusterNode extends RedisServer {
  readonly id: string;
}

/** TestCluster ends with the test. */
export interface TestCluster {
  /** As BATON_REDIS_URL takes it. */
  readonly url: string;
  /** The masters of now, with the replica of each, in the order of their slots. */
  pairs(): Promise<readonly { readonly master: ClusterNode; readonly replica: ClusterNode }[]>;
  /** Has a replica take over in agreement with its master (CLUSTER FAILOVER), and resolves once it is the master. */
  failOver(replica: ClusterNode): Promise<void>;
  /** Resolves once a node is a master, and every node takes the cluster for whole. */
  untilMaster(node: ClusterNode): Promise<void>;
}

/**
 * startCluster starts all nodes, joins them with `redis-cli --cluster create`, and resolves once each takes the cluster
 * for whole. With `certificates` everything but the test's own connections is over TLS.
 */
export async function startCluster(certificates?: Certificates): Promise<TestCluster> {
  const nodes = await startNodes(1, certificates);
  const addresses = nodes.map(({ address }) => address);
  const untilMaster = async (node: ClusterNode) => {
    await eventually(async () => (await node.redis.info("replication")).includes("role:master"), true);
  };
  return {
    url: `redis+cluster://${addresses.join(",")}${certificates ? "?tls" : ""}`,
    untilMaster,
    async pairs() {
      // What a node knows of the others, it learns by gossip.
      await eventually(async () => (await pairsOf(nodes)).length, MASTERS);
      return pairsOf(nodes);
    },
    async failOver(replica) {
      await replica.redis.cluster("FAILOVER");
      await untilMaster(replica);
    },
  };
}

/** Masters is a cluster without replicas, the nodes in the order of their slots. */
export interface Masters {
  /** As BATON_REDIS_URL takes it. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** Resolves once every node takes the cluster for whole. */
  untilWhole(): Promise<void>;
}

/** startMasters starts three masters without replicas, among which the slots are divided as in every such cluster. */
export async function startMasters(): Promise<Masters> {
  const nodes = await startNodes(0);
  return {
    url: `redis+cluster://${nodes.map(({ address }) => address).join(",")}`,
    nodes,
    untilWhole: () => untilWhole(nodes),
  };
}

/**
 * startNodes starts all nodes and joins them; those that are named first become masters, in the order of their slots.
 */
async function startNodes(
  replicas: number,
  certificates?: Certificates,
): Promise<readonly (ClusterNode & { readonly address: string })[]> {
  const servers: (RedisServer & { readonly address: string })[] = [];
  for (let count = 0; count < MASTERS * (1 + replicas); count++) servers.push(await startNode(certificates));
  await promisify(execFile)("redis-cli", [
    ...(certificates ? ["--tls", "--cacert", certificates.authority] : []),
    ...["--cluster", "create", ...servers.map(({ address }) => address)],
    ...["--cluster-replicas", String(replicas), "--cluster-yes"],
  ]);
  const nodes = await Promise.all(
    servers.map(async (server) => ({ ...server, id: String(await server.redis.cluster("MYID")) })),
  );
  await untilWhole(nodes);
  return nodes;
}

async function startNode(certificates: Certificates | undefined) {
  const port = await freePort();
  const tlsPort = certificates && (await freePort());
  const settings = tlsPort ? asOptions(clusterTlsSettings(certificates, tlsPort)) : [];
  const options = [...OPTIONS, String(port + BUS_OFFSET), "--repl-diskless-sync-delay", "0", ...settings];
  const server = await startRedisServer(options, port);
  return { ...server, address: tlsPort ? `${TLS_HOST}:${tlsPort}` : `${HOST}:${port}` };
}

/** clusterTlsSettings has a node tell clients its name, since that is what its certificate is out to. */
function clusterTlsSettings(certificates: Certificates, port: number): readonly string[] {
  const name = ["cluster-announce-hostname", TLS_HOST, "cluster-preferred-endpoint-type", "hostname"];
  return [...tlsSettings(certificates, port), "tls-cluster", "yes", ...name];
}

async function untilWhole(nodes: readonly RedisServer[]): Promise<void> {
  for (const { redis } of nodes) {
    await eventually(async () => {
      const info = await redis.cluster("INFO");
      return (
        info.includes("cluster_state:ok") &&
        info.includes(`cluster_slots_ok:${SLOTS}`) &&
        info.includes(`cluster_known_nodes:${nodes.length}`)
      );
    }, true);
    await eventually(async () => /role:master|master_link_status:up/.test(await redis.info("replication")), true);
  }
}

/** pairsOf reads CLUSTER NODES of a node that answers: `<id> <address> <flags> <master> … <slots>`. */
async function pairsOf(
  nodes: readonly ClusterNode[],
): Promise<readonly { master: ClusterNode; replica: ClusterNode }[]> {
  const [asked] = nodes;
  const lines = String(await asked?.redis.cluster("NODES"))
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const find = (id: string | undefined) => nodes.find((node) => node.id === id);
  const masters = lines.filter(([, , flags = ""]) => flags.includes("master") && !flags.includes("fail"));
  const firstSlot = (fields: readonly string[]) => Number.parseInt(fields[8] ?? "", 10);
  return masters
    .toSorted((a, b) => firstSlot(a) - firstSlot(b))
    .flatMap(([id]) => {
      const master = find(id);
      const replica = find(lines.find(([, , , of]) => of === id)?.[0]);
      return master === undefined || replica === undefined ? [] : [{ master, replica }];
    });
}
