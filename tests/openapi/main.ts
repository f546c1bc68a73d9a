/**
 * `npm run openapi`: both OpenAPI documents as other people's tools read them, from processes that run. Redocly and
 * Spectral lint them, a TypeScript and two Python clients are generated and send handoffs, and schemathesis tries out
 * what they say; `-- --long` for longer. Exit codes: 0 all is well; 1 something is not; 2 misused; 77 the tools cannot
 * be installed, and nothing was checked.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NOT_CHECKED, runSteps, type Step } from "../tools/steps.ts";
import { checkWithLinters } from "./linters.ts";
import { type RunningBaton, startBaton } from "./processes.ts";
import { handOffInPython } from "./python-client.ts";
import { fuzz } from "./schemathesis.ts";
import { installTools, type Tools } from "./tools.ts";
import { handOffInTypeScript } from "./typescript-client.ts";

/**
 * CheckContext is what a step works with; `folder` holds `ingress.json` and `admin.json`, and takes what is made of
 * them.
 */
export interface CheckContext {
  readonly folder: string;
  readonly tools: Tools;
  readonly baton: RunningBaton;
  /** Longer runs, by hand. */
  readonly isLong: boolean;
}

const STEPS: Readonly<Record<string, Step<CheckContext>>> = {
  "Redocly and Spectral find nothing": checkWithLinters,
  "the TypeScript client hands off": handOffInTypeScript,
  "the Python clients hand off": handOffInPython,
  "schemathesis finds nothing on ingress": (context) => fuzz(context, "ingress"),
  "schemathesis finds nothing on admin": (context) => fuzz(context, "admin"),
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg !== "--long")) {
    process.stderr.write("npm run openapi [-- --long]\n");
    return 2;
  }
  const tools = await installTools();
  if (tools === undefined) return NOT_CHECKED;
  const folder = mkdtempSync(join(tmpdir(), "baton-openapi-"));
  const baton = await startBaton(folder);
  try {
    for (const app of ["ingress", "admin"] as const)
      writeFileSync(join(folder, `${app}.json`), await documentOf(baton[app]));
    return await runSteps(STEPS, { folder, tools, baton, isLong: args.includes("--long") });
  } finally {
    await baton.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** documentOf gives a document as people read it: its lines are what the tools point at. */
async function documentOf(url: string): Promise<string> {
  return JSON.stringify(await (await fetch(`${url}/openapi.json`)).json(), undefined, 2);
}
