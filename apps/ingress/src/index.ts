export { composeIngress, type Ingress } from "./compose-ingress.ts";
export { type IngressConfig, readIngressConfig } from "./ingress-config.ts";
