/** The admin process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { readAdminConfig } from "./admin-config.ts";
import { composeAdmin } from "./compose-admin.ts";

await runServerProcess({ name: "admin", readConfig: readAdminConfig, createLog, compose: composeAdmin });
