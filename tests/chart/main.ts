/**
 * `npm run chart`: the Helm chart as other people's tools read it. Helm lints it, helm-unittest runs its tests, what is
 * rendered is validated against the schemas of Kubernetes, KEDA and the Prometheus operator, and Baton's processes
 * start in the environment that the chart gives them. Exit codes: 0 all is well; 1 something is not; 2 misused; 77 the
 * tools cannot be installed, and nothing was checked.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../tools/run.ts";
import { NOT_CHECKED, runSteps, type Step } from "../tools/steps.ts";
import { CHART, VALUES } from "./render.ts";
import { checkObjects } from "./schemas.ts";
import { startProcesses } from "./start-processes.ts";
import { installTools, type Tools } from "./tools.ts";

/** CheckContext is what a step works with; `folder` is empty, and goes afterwards. */
export interface CheckContext {
  readonly tools: Tools;
  readonly folder: string;
}

const STEPS: Readonly<Record<string, Step<CheckContext>>> = {
  "Helm's linter finds nothing": lint,
  "the chart's tests pass": test,
  "every object is one that Kubernetes, KEDA and the Prometheus operator know": checkObjects,
  "Baton's processes start in the environment that the chart gives them": startProcesses,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    process.stderr.write("npm run chart\n");
    return 2;
  }
  const tools = await installTools();
  if (tools === undefined) return NOT_CHECKED;
  const folder = mkdtempSync(join(tmpdir(), "baton-chart-"));
  try {
    return await runSteps(STEPS, { tools, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Warnings count as faults. */
async function lint({ tools }: CheckContext): Promise<void> {
  for (const values of VALUES) await run([tools.helm, "lint", "--strict", "--values", values, "."], { cwd: CHART });
}

async function test({ tools }: CheckContext): Promise<void> {
  await run([tools.helmUnittest, "--strict", "."], { cwd: CHART });
}
