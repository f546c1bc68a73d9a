import { execFileSync } from "node:child_process";
import { configDefaults, defineConfig } from "vitest/config";

const NEEDS_DOCKER = "tests/docker.test.ts";

/** Sources before dist: no test waits for a build, or runs on an old one. */
const resolve = { conditions: ["@baton/source", "module", "node", "development|production"] };

export default defineConfig({
  ssr: { resolve },
  // What runs before the tests (globalSetup) has an environment of its own.
  environments: { __vitest__: { resolve } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "chaos/src/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    exclude: [...configDefaults.exclude, ...(dockerAnswers() ? [] : [NEEDS_DOCKER])],
    globalSetup: ["tests/redis.ts"],
    // Real processes and a real Redis on two shared cores: patience costs nothing when all is well.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});

/** Where no engine answers, the containers cannot be tested, and the run says so. */
function dockerAnswers(): boolean {
  try {
    execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    process.stderr.write(`No Docker engine answers: ${NEEDS_DOCKER} is left out.\n`);
    return false;
  }
}
