export * from "./keyring.ts";
export * from "./random-bytes.ts";
export * from "./token.ts";
export * from "./vault.ts";
