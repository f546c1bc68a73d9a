export * from "./chance.ts";
export * from "./keyring.ts";
export * from "./places.ts";
export * from "./token.ts";
export * from "./vault.ts";
