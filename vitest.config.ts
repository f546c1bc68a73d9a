import { execFileSync } from "node:child_process";
import { configDefaults, defineConfig } from "vitest/config";

const NEEDS_DOCKER = "tests/docker.test.ts";
const NEEDS_CHROMIUM = "tests/{docs-page,console/*}.test.ts";
const NEEDS_TINYPROXY = "tests/egress-proxy.test.ts";
const NEEDS_PYTHON = "tests/examples-polyai.test.ts";
const NEEDS_PIP = "tests/{polyai-wheel,release}.test.ts";
const NEEDS_CC = "tests/gate/redis-clock-back.test.ts";
const NEEDS_PROMTOOL = ["tests/promtool.test.ts", "tests/alerts.test.ts"];
const NEEDS_ALERTMANAGER = "tests/monitoring.test.ts";
const NEEDS_HISTORY = "tests/{upgrade,release}.test.ts";
const HISTORY = 'git rev-parse --verify HEAD^ && test "$(git rev-parse --is-shallow-repository)" = false';
const NEEDS_CURL = "tests/setup-guide.test.ts";

/** Sources before dist: no test waits for a build, or runs on an old one. */
const resolve = { conditions: ["@baton/source", "module", "node", "development|production"] };

export default defineConfig({
  ssr: { resolve },
  // What runs before the tests (globalSetup) has an environment of its own.
  environments: { __vitest__: { resolve } },
  test: {
    exclude: [
      ...configDefaults.exclude,
      ...without(NEEDS_DOCKER, {
        what: "No Docker engine answers",
        ask: ["docker", "version", "--format", "{{.Server.Version}}"],
      }),
      ...without(NEEDS_CC, { what: "No C compiler is on the PATH", ask: ["cc", "--version"] }),
      ...without(NEEDS_PYTHON, { what: "No python3 is on the PATH", ask: ["python3", "--version"] }),
      ...without(NEEDS_PIP, { what: "No pip of python3 is here", ask: ["python3", "-m", "pip", "--version"] }),
      ...without(NEEDS_CHROMIUM, { what: "No chromium is on the PATH", ask: ["chromium", "--version"] }),
      ...without(NEEDS_TINYPROXY, { what: "No tinyproxy is on the PATH", ask: ["tinyproxy", "-v"] }),
      ...NEEDS_PROMTOOL.flatMap((file) =>
        without(file, { what: "No promtool is on the PATH", ask: ["promtool", "--version"] }),
      ),
      ...without(NEEDS_ALERTMANAGER, {
        what: "No Prometheus with its Alertmanager is on the PATH",
        ask: ["prometheus-alertmanager", "--version"],
      }),
      ...without(NEEDS_HISTORY, { what: "No whole history of the repository is here", ask: ["sh", "-c", HISTORY] }),
      ...without(NEEDS_CURL, { what: "No curl is on the PATH", ask: ["curl", "--version"] }),
    ],
    globalSetup: ["tests/redis-setup.ts", "tests/console-build-setup.ts"],
    setupFiles: ["tests/properties.ts"],
    // Real processes and a real Redis on two shared cores: patience costs nothing when all is well.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for by asking again: a second, as it is unless said, is too short for a page on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // They wait more than they work.
    maxWorkers: 3,
    // A ledger that does not balance is shown whole: what failed once on another machine is not seen again.
    chaiConfig: { truncateThreshold: 2_000 },
    projects: [
      // To load a service's modules costs more than most of these tests: a worker loads them once for all its files.
      {
        extends: true,
        test: {
          name: "beside-source",
          include: ["{apps,packages}/*/src/**/*.test.ts", "{bench,chaos}/src/**/*.test.ts"],
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
        },
      },
      { extends: true, test: { name: "system", include: ["tests/**/*.test.ts"] } },
    ],
  },
});

/** What cannot be tested on this machine is left out, and the run says so. */
function without(
  file: string,
  { what, ask: [command = "", ...args] }: { what: string; ask: readonly string[] },
): readonly string[] {
  try {
    execFileSync(command, args, { stdio: "ignore", timeout: 10_000 });
    return [];
  } catch {
    process.stderr.write(`${what}: ${file} is left out.\n`);
    return [file];
  }
}
