export * from "./keyring.ts";
export * from "./token.ts";
export * from "./vault.ts";
