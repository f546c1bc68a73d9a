export * from "./keyring.ts";
export * from "./secret-token.ts";
export * from "./vault.ts";
