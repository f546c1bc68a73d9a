import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where admin finds it, from its sources as from its dist. */
const ADMIN = "../admin/dist/console";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: ADMIN,
    emptyOutDir: true,
    // The policy allows no data: address for scripts and fonts, and a small file costs one request.
    assetsInlineLimit: 0,
    // Its polyfill is an inline script, which the policy forbids; every browser that knows light-dark() preloads.
    modulePreload: { polyfill: false },
    // One file: a part that is loaded again after it failed would come without its own styles.
    cssCodeSplit: false,
    target: "es2024",
  },
  resolve: { conditions: ["@baton/source", "module", "browser", "development|production"] },
  // For work on the console alone: `vite` beside a running admin.
  server: { proxy: { "/admin": { target: "http://127.0.0.1:8081" } } },
});
