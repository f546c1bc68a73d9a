/** The version that runs, from the manifest. */
import { packageVersion } from "@baton/runtime/process";

/** VERSION of the command, and of every process that it starts. */
export const VERSION: string = packageVersion(import.meta.url);
