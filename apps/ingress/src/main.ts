/** The ingress process. */
import { runServer } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeIngress } from "./compose.ts";
import { readIngressConfig } from "./config.ts";

await runServer({ name: "ingress", readConfig: readIngressConfig, createLog, compose: composeIngress });
