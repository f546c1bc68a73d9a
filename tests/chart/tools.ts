/** What reads the chart: helm and helm-unittest, built by Go, and the schemas of what it may render. */
import { join } from "node:path";
import { installNpm, installOnce, installPython } from "../tools/install-once.ts";
import { run } from "../tools/run.ts";

const FOLDER = join(import.meta.dirname, "tools");
const NEEDS = "they need Go 1.26 or newer, python3 and npm, each with its registry";

/** Tools are where each is; `models` has the npm packages, `python` is the Python that has kubernetes-validate. */
export interface Tools {
  readonly helm: string;
  readonly helmUnittest: string;
  readonly python: string;
  readonly models: string;
}

/** installTools installs once and keeps; where it cannot, it says so and gives undefined. */
export async function installTools(): Promise<Tools | undefined> {
  const at = { cache: "baton-helm", from: FOLDER };
  try {
    const go = await installOnce({ ...at, sources: ["go.mod", "go.sum"], install: installGo });
    const python = await installOnce({ ...at, sources: ["requirements.txt"], install: installPython });
    const models = await installOnce({ ...at, sources: ["package.json", "pnpm-lock.yaml"], install: installNpm });
    return {
      helm: join(go, "bin/helm"),
      helmUnittest: join(go, "bin/helm-unittest"),
      python: join(python, "bin/python"),
      models,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `${why}\nThe tools that read the chart cannot be installed (${NEEDS}): nothing was checked.\n`,
    );
    return undefined;
  }
}

/** installGo builds each `tool` of go.mod, with the versions and checksums that it and go.sum pin. */
async function installGo(folder: string): Promise<void> {
  const env = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOBIN: join(folder, "bin") };
  await run(["go", "install", "-trimpath", "-ldflags=-s -w", "tool"], { cwd: folder, env });
}
