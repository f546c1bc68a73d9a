/** Starts the console in the page: the session, the clients of router and queries, and the theme. */
import { CSPProvider } from "@base-ui/react/csp-provider";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { failureKindOfError } from "./api/request-error.ts";
import { createConsoleRouter } from "./router.tsx";
import { SESSION_KEY, type SessionAnswer } from "./session/session-and-permissions.ts";
import { takeSignInCodeFromAddress } from "./session/sign-in-code-from-address.ts";
import { applyStoredTheme } from "./shell/theme-switch.tsx";
import "@fontsource-variable/inter/wght.css";
import "./theme.css";

/** endSession shows the sign-in page, whichever request found that the session is over. */
function endSession(error: Error): void {
  if (failureKindOfError(error) !== "session-over") return;
  client.setQueryData<SessionAnswer>(SESSION_KEY, (before) => (typeof before === "object" ? "over" : before));
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: endSession }),
  mutationCache: new MutationCache({ onError: endSession }),
  // What polls tries again by itself; a loopback needs no network.
  defaultOptions: { queries: { retry: false, networkMode: "always" }, mutations: { networkMode: "always" } },
});

const container = document.getElementById("root");
if (container === null) throw new Error("index.html has no #root");
applyStoredTheme();
const router = createConsoleRouter({ code: takeSignInCodeFromAddress() });
createRoot(container).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
