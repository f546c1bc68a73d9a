/** Redis in a container, where Docker is. */
import { randomBytes } from "node:crypto";
import { REDIS_OPTIONS, type RunningRedis, STOP_MS } from "./redis-child-process.ts";

/** IMAGE is the one that the tests and docker-compose.yml use. */
const IMAGE = "redis:7-bookworm";
const PORT = 6379;

/**
 * startRedisContainer starts Redis with its data in `folder`, or inside the container; undefined where no Docker
 * answers, or testcontainers is not installed.
 */
export async function startRedisContainer(folder: string | undefined): Promise<RunningRedis | undefined> {
  const testcontainers = await loadTestcontainers();
  if (testcontainers === undefined) return undefined;
  const { GenericContainer, Wait } = testcontainers;
  // Docker publishes its port on every interface of this machine, so it takes a password to enter.
  const password = randomBytes(16).toString("hex");
  const redis = new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withCommand(["redis-server", "--requirepass", password, ...REDIS_OPTIONS])
    .withBindMounts(folder === undefined ? [] : [{ source: folder, target: "/data" }])
    .withWaitStrategy(Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage("Ready to accept connections")]));
  const container = await redis.start();
  return {
    url: `redis://:${password}@${container.getHost()}:${container.getMappedPort(PORT)}`,
    async close() {
      await container.stop({ timeout: STOP_MS });
    },
  };
}

/** loadTestcontainers loads it only here: it is an optional dependency, and slow to load. */
async function loadTestcontainers(): Promise<typeof import("testcontainers") | undefined> {
  try {
    const testcontainers = await import("testcontainers");
    await testcontainers.getContainerRuntimeClient();
    return testcontainers;
  } catch {
    // No package or no engine: both mean that this way is not open.
    return undefined;
  }
}
