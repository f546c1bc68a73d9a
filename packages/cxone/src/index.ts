export type {
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
  type ApiAccessFailure,
  type ApiAccessStore,
  type Claim,
  type ClaimRequest,
  createMemoryApiAccessStore,
  type MemoryApiAccessStoreOptions,
  renewalLeadMs,
} from "./api-access.ts";
export {
  CxOneClient,
  type CxOneOptions,
  type FollowedRequest,
  type LookupOptions,
  type OnRequest,
  type SignalOptions,
} from "./client.ts";
export type { CxOneContact } from "./contact-state.ts";
export { CxOneError, type CxOneErrorCode } from "./cxone-error.ts";
export type { TokenResult } from "./fetch-api-access.ts";
export { type CxOneHttp, type CxOneHttpOptions, createCxOneHttp, type HttpRequest } from "./http.ts";
export type { Reply, ReplyHeaders } from "./reply.ts";
export { readOutcome, refusedPart } from "./signal.ts";
export type { PrepareResult } from "./token-source.ts";
