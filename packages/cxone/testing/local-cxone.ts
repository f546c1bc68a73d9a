/** A CXone in one process: discovery, tokens and signals over real HTTP, each answer replaceable by the test. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CxOneCredentials, CxOneTarget } from "@baton/domain";
import { answerJson, type Local, readBody, serveHttp } from "./servers.ts";

interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = (response: ServerResponse, seen: Seen, count: number) => void;

export interface LocalCxOne {
  readonly url: string;
  readonly server: Local;
  readonly target: CxOneTarget;
  /** Every request that arrived, by kind, oldest first. */
  readonly seen: { readonly identity: Seen[]; readonly token: Seen[]; readonly api: Seen[]; readonly signal: Seen[] };
  /** How each kind of request is answered; a test puts its own in place. */
  readonly answers: { identity: Answer; token: Answer; api: Answer; signal: Answer };
}

export const TENANT = "5f2b1c9e-tenant";

export const CREDENTIALS: CxOneCredentials = {
  clientId: "app@vendor",
  clientSecret: "clientSecret/with+signs==",
  accessKeyId: "AKID====",
  accessKeySecret: "AKSECRET====",
};

/** createToken makes a JWT-shaped one that names the tenant; it has no signature. */
export function createToken(id: number, tenantId: string | undefined = TENANT): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ sub: `user:${id}`, ...(tenantId === undefined ? {} : { tenantId }) })}.c2lnbmF0dXJl`;
}

export async function startLocalCxOne(): Promise<LocalCxOne> {
  const seen: LocalCxOne["seen"] = { identity: [], token: [], api: [], signal: [] };
  let url = "";
  const answers: LocalCxOne["answers"] = {
    identity: (response) =>
      answerJson(response, 200, {
        token_endpoint: `${url}/auth/token`,
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      }),
    token: (response, _, count) =>
      answerJson(response, 200, { access_token: createToken(count), token_type: "Bearer", expires_in: 3600 }),
    api: (response) => answerJson(response, 200, { api_endpoint: url }),
    signal: (response) => response.writeHead(202).end(),
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrived = new URL(request.url ?? "/", url);
    const body = await readBody(request);
    const kind = kindOf(arrived.pathname);
    const entry = { method: request.method ?? "", url: arrived, headers: request.headers, body };
    seen[kind].push(entry);
    answers[kind](response, entry, seen[kind].length);
  };
  const server = await serveHttp((request, response) => void serve(request, response));
  url = `http://127.0.0.1:${server.port}`;
  return { url, server, seen, answers, target: { issuer: url, apiVersion: "v30.0", paramsIn: "query" } };
}

function kindOf(path: string): keyof LocalCxOne["seen"] {
  if (path === "/.well-known/openid-configuration") return "identity";
  if (path === "/.well-known/cxone-configuration") return "api";
  return path === "/auth/token" ? "token" : "signal";
}
