/** The admin process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeAdmin } from "./compose.ts";
import { readAdminConfig } from "./config.ts";

await runServerProcess({ name: "admin", readConfig: readAdminConfig, createLog, compose: composeAdmin });
