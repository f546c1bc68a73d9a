export type {
  ApiAccessFailure,
  ApiAccessPart,
  CxOneCredentials,
  CxOneTarget,
  ParamName,
  Params,
  ParamsIn,
  SignalOutcome,
} from "@baton/domain";
export { FETCH_BACKOFF, LEASE_MS, REFUSED_MS } from "@baton/domain";
export type { AccessCheck, AccessCheckStep } from "./access-check.ts";
export { type AllowedHosts, type HostVerdict, parseAllowedHosts } from "./allowed-hosts.ts";
export {
  type ApiAccess,
  type ApiAccessStore,
  type Claim,
  type ClaimRequest,
  renewalLeadMs,
} from "./api-access-store.ts";
export type { CxOneContact } from "./contact-lookup.ts";
export { readSignalOutcome, refusedAccessPart } from "./contact-signal.ts";
export {
  CxOneClient,
  type CxOneOptions,
  type FollowedRequest,
  type LookupOptions,
  type OnRequest,
  type SignalOptions,
} from "./cxone-client.ts";
export { CxOneError, type CxOneErrorCode } from "./cxone-error.ts";
export {
  type CxOneHttpClient,
  type CxOneHttpClientOptions,
  createCxOneHttpClient,
  type HttpRequest,
} from "./cxone-http-client.ts";
export type { TokenRequestResult } from "./fetch-api-access.ts";
export type { Reply, ReplyHeaders } from "./http-reply.ts";
export { createMemoryApiAccessStore, type MemoryApiAccessStoreOptions } from "./memory-api-access-store.ts";
export type { PrepareResult } from "./token-source.ts";
