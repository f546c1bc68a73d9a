/** Discovery: where the identity service and a tenant's API are. */
import { applyFaultToAnswer } from "./apply-fault-to-answer.ts";
import { cxoneErrorAnswer, jsonAnswer } from "./http-answers.ts";
import type { SimulatedCxOneState } from "./simulated-cxone-state.ts";
import type { Route, RouteRequest } from "./simulator-route-types.ts";

/** discoveryRoutes are CXone's two well-known documents. */
export function discoveryRoutes(cxone: SimulatedCxOneState): readonly Route[] {
  return [
    {
      method: "GET",
      pattern: /^\/\.well-known\/openid-configuration$/,
      serve: (call) => serveOpenIdConfiguration(cxone, call),
    },
    {
      method: "GET",
      pattern: /^\/\.well-known\/cxone-configuration$/,
      serve: (call) => serveTenantConfiguration(cxone, call),
    },
  ];
}

function serveOpenIdConfiguration(cxone: SimulatedCxOneState, { origin }: RouteRequest): ReturnType<Route["serve"]> {
  const fault = cxone.faults.take("discovery", {});
  const usual = jsonAnswer(200, {
    issuer: origin,
    authorization_endpoint: `${origin}/auth/authorize`,
    token_endpoint: `${origin}/auth/token`,
    userinfo_endpoint: `${origin}/auth/userinfo`,
    jwks_uri: `${origin}/auth/jwks`,
    end_session_endpoint: `${origin}/auth/logout`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  });
  return { answer: applyFaultToAnswer(usual, fault, { settings: cxone.settings() }), fault };
}

function serveTenantConfiguration(
  cxone: SimulatedCxOneState,
  { origin, query }: RouteRequest,
): ReturnType<Route["serve"]> {
  const tenantId = query.get("tenantId") ?? "";
  const fault = cxone.faults.take("discovery", { accessKeyId: cxone.tokens.accessKeyOf(tenantId) });
  return {
    answer: applyFaultToAnswer(tenantDocument(cxone, { origin, tenantId }), fault, { settings: cxone.settings() }),
    fault,
  };
}

function tenantDocument(cxone: SimulatedCxOneState, { origin, tenantId }: { origin: string; tenantId: string }) {
  const settings = cxone.settings();
  if (cxone.tokens.accessKeyOf(tenantId) === undefined) {
    return cxoneErrorAnswer(settings, 404, { error: "not_found", text: "The tenant is not known." });
  }
  return jsonAnswer(200, {
    private: false,
    ui_endpoint: `${origin}/ui`,
    auth_endpoint: origin,
    api_endpoint: settings.apiEndpoint ?? origin,
    domain: "simulator.test",
    uhDomain: "uh.simulator.test",
    area: "sim1",
    cluster: "SIM1",
    acdDomain: "acd.simulator.test",
    tenantId,
    globaldomain: "simulator.test",
  });
}
