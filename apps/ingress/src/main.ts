/** The ingress process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeIngress } from "./compose.ts";
import { readIngressConfig } from "./config.ts";

await runServerProcess({ name: "ingress", readConfig: readIngressConfig, createLog, compose: composeIngress });
