/** The version that runs, from the manifest. */
import { readFileSync } from "node:fs";

/** VERSION of the command, and of every process that it starts. */
export const VERSION: string = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
