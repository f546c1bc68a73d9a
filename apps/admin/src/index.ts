export { type AdminConfig, readAdminConfig } from "./admin-config.ts";
export { type Admin, composeAdmin } from "./compose-admin.ts";
