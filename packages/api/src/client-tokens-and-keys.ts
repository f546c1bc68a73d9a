/** The client's calls to admin about secrets: connector tokens, screen-pop keys, admin keys. */
import { z } from "zod";
import {
  type AdminKeyJson,
  type adminKeyBodySchema,
  adminKeyListSchema,
  type CreatedAdminKey,
  createdAdminKeySchema,
} from "./admin-key.ts";
import type { SendRequest } from "./client-http-request.ts";
import {
  type CreatedToken,
  createdTokenSchema,
  type TokenBody,
  type TokenJson,
  tokenListSchema,
} from "./connector-token.ts";
import type { Page, PageSearch } from "./list-page.ts";

/** TokenAndKeyClient creates, lists and revokes tokens and keys; a secret is in the answer to its creation only. */
export interface TokenAndKeyClient {
  createToken(connectorId: string, body?: TokenBody): Promise<CreatedToken>;
  tokens(connectorId: string, search?: PageSearch): Promise<Page<TokenJson>>;
  revokeToken(connectorId: string, tokenId: string): Promise<void>;
  createScreenPopKey(connectorId: string, body?: TokenBody): Promise<CreatedToken>;
  screenPopKeys(connectorId: string, search?: PageSearch): Promise<Page<TokenJson>>;
  revokeScreenPopKey(connectorId: string, keyId: string): Promise<void>;
  createAdminKey(body: z.input<typeof adminKeyBodySchema>): Promise<CreatedAdminKey>;
  adminKeys(search?: PageSearch): Promise<Page<AdminKeyJson>>;
  revokeAdminKey(id: string): Promise<void>;
}

const KEYS_PATH = "admin/v1/keys";

/** createTokenAndKeyClient makes these calls of a client. */
export function createTokenAndKeyClient(request: SendRequest): TokenAndKeyClient {
  const tokens = (id: string) => `admin/v1/connectors/${encodeURIComponent(id)}/tokens`;
  const screenPopKeys = (id: string) => `admin/v1/connectors/${encodeURIComponent(id)}/screen-pop-keys`;
  const create = (path: string, body: TokenBody) => request(createdTokenSchema, { method: "POST", path, body });
  const list = (path: string, query: PageSearch) => request(tokenListSchema, { method: "GET", path, query });
  const revoke = (path: string, id: string) =>
    request(z.undefined(), { method: "DELETE", path: `${path}/${encodeURIComponent(id)}` });
  return {
    createToken: (id, body = {}) => create(tokens(id), body),
    tokens: (id, query = {}) => list(tokens(id), query),
    revokeToken: (id, tokenId) => revoke(tokens(id), tokenId),
    createScreenPopKey: (id, body = {}) => create(screenPopKeys(id), body),
    screenPopKeys: (id, query = {}) => list(screenPopKeys(id), query),
    revokeScreenPopKey: (id, keyId) => revoke(screenPopKeys(id), keyId),
    createAdminKey: (body) => request(createdAdminKeySchema, { method: "POST", path: KEYS_PATH, body }),
    adminKeys: (query = {}) => request(adminKeyListSchema, { method: "GET", path: KEYS_PATH, query }),
    revokeAdminKey: (id) => revoke(KEYS_PATH, id),
  };
}
