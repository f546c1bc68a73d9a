export * from "./keyring.ts";
export * from "./random-byte-pool.ts";
export * from "./token.ts";
export * from "./vault.ts";
