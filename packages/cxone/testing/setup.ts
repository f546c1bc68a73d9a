/** A client before a local CXone, fresh for each test. */
import type { CxOneTarget, Params } from "@baton/domain";
import { onTestFinished } from "vitest";
import { parseAllowedHosts } from "../src/allowed-hosts.ts";
import { CxOneClient, type CxOneOptions } from "../src/cxone-client.ts";
import { type CxOneHttpClientOptions, createCxOneHttpClient, type HttpRequest } from "../src/cxone-http-client.ts";
import { CREDENTIALS, type LocalCxOne, startLocalCxOne } from "./local-cxone.ts";

export const CONTACT = "9007199254740993001";
export const PARAMS: Params = { p1: "Escalate", p2: "4071234", p3: "billing question & more", p9: "ünïcode" };

export async function setup(options: Partial<CxOneOptions> = {}, target: Partial<CxOneTarget> = {}) {
  const cxone = await startLocalCxOne();
  const http = createCxOneHttpClient();
  onTestFinished(() => http.close());
  const tokenResults: string[] = [];
  const build = (more: Partial<CxOneOptions> = {}) =>
    new CxOneClient({
      target: { ...cxone.target, ...target },
      credentials: CREDENTIALS,
      allowedHosts: parseAllowedHosts(["http://127.0.0.1:*"]),
      http,
      onTokenRequest: (result) => tokenResults.push(result),
      ...options,
      ...more,
    });
  const client = build();
  const signal = (params: Params = PARAMS, timeLimitMs = 5_000) => client.signal(CONTACT, params, { timeLimitMs });
  return { cxone, client, build, signal, tokenResults };
}

/** requests counts what arrived, by kind. */
export function requests({ seen }: LocalCxOne) {
  return { identity: seen.identity.length, token: seen.token.length, api: seen.api.length, signal: seen.signal.length };
}

/** setupHttp gives a pool of connections, and a POST through it. */
export function setupHttp(options: CxOneHttpClientOptions = {}) {
  const http = createCxOneHttpClient(options);
  onTestFinished(() => http.close());
  const post = (url: string, more: Partial<HttpRequest> = {}) =>
    http.send({ method: "POST", url, headers: {}, timeLimitMs: 5_000, ...more });
  return { http, post };
}
