/**
 * The tests' Redis: one for all files of a run, started before the first; each test keeps to a namespace of its own.
 */
import { openEmbeddedRedis, startRedisContainer } from "@baton/runtime";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** `inject("redisUrl")` in a test. */
    redisUrl: string;
  }
}

interface TestRedis {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * setup starts Redis, as BATON_TEST_REDIS says: `docker`, by testcontainers; `local`, as `baton up` would,
 * BATON_REDIS_URL before all. Without it, BATON_REDIS_URL where it is set, else Docker where an engine answers and has
 * the image, else as `local`. Vitest calls it once a run, and what it returns at the end.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await open(process.env.BATON_TEST_REDIS);
  project.provide("redisUrl", redis.url);
  return () => redis.close();
}

async function open(wanted: string | undefined): Promise<TestRedis> {
  switch (wanted) {
    case "docker":
      return await openContainer();
    case "local":
      return await openLocal();
    case undefined:
      return process.env.BATON_REDIS_URL ? await openLocal() : await openContainer().catch(openLocal);
    default:
      throw new Error(`BATON_TEST_REDIS=${wanted}: expected docker or local`);
  }
}

async function openContainer(): Promise<TestRedis> {
  const redis = await startRedisContainer(undefined);
  if (redis === undefined) throw new Error("BATON_TEST_REDIS=docker, but no Docker engine answers");
  say("redis:7-bookworm in Docker");
  return redis;
}

async function openLocal(): Promise<TestRedis> {
  const redis = await openEmbeddedRedis({ log: { debug: ignore, info: ignore, warn: ignore, error: ignore } });
  say(`a Redis of kind "${redis.kind}"`);
  return redis;
}

function ignore(): void {}

function say(what: string): void {
  process.stderr.write(`The tests run on ${what}.\n`);
}
