/** The ingress process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeIngress } from "./compose-ingress.ts";
import { readIngressConfig } from "./ingress-config.ts";

await runServerProcess({ name: "ingress", readConfig: readIngressConfig, createLog, compose: composeIngress });
