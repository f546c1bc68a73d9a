export { type Admin, composeAdmin } from "./compose.ts";
export { type AdminConfig, readAdminConfig } from "./config.ts";
