/** The admin process. */
import { runServer } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeAdmin } from "./compose.ts";
import { readAdminConfig } from "./config.ts";

await runServer({ name: "admin", readConfig: readAdminConfig, createLog, compose: composeAdmin });
