export { composeIngress, type Ingress } from "./compose.ts";
export { type IngressConfig, readIngressConfig } from "./config.ts";
