/** The tools, as `npm run openapi` uses them. */
import { join } from "node:path";
import { installNpm, installOnce, installPython } from "../tools/install-once.ts";

/** FOLDER holds what to install, and how each tool is configured. */
export const FOLDER = join(import.meta.dirname, "tools");

/** Tools are where each is; `npm` has the npm packages' node_modules, `python` is the Python that has the others. */
export interface Tools {
  readonly npm: string;
  readonly python: string;
}

/** installTools installs once and keeps; where it cannot, it says so and gives undefined. */
export async function installTools(): Promise<Tools | undefined> {
  const at = { cache: "baton-openapi", from: FOLDER };
  try {
    const npm = await installOnce({ ...at, sources: ["package.json", "pnpm-lock.yaml"], install: installNpm });
    const python = await installOnce({ ...at, sources: ["requirements.txt"], install: installPython });
    return { npm, python: join(python, "bin/python") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${why}\nThe tools that read OpenAPI documents cannot be installed: nothing was checked.\n`);
    return undefined;
  }
}
