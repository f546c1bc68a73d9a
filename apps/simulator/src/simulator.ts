/** Simulator: CXone's stand-in, with the same operations for a test in this process as over `/__sim`. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { controlRoutes } from "./control-routes.ts";
import type { SettingsChange } from "./cxone-behavior-settings.ts";
import { homePageRoute } from "./home-page.ts";
import { jsonAnswer } from "./http-answers.ts";
import { createRequestListener } from "./request-listener.ts";
import { contactAndServerTimeRoutes } from "./serve-contact-and-server-time.ts";
import { discoveryRoutes } from "./serve-discovery.ts";
import { createSignalHandler, SIGNAL_ENDPOINT } from "./serve-signal.ts";
import { tokenRoutes } from "./serve-token.ts";
import { deriveTenantIdFromAccessKey, getProcessSigningKey } from "./sign-access-tokens.ts";
import { createSimulatedCxOneState } from "./simulated-cxone-state.ts";
import { createSimulatorControls, type SimulatorControls } from "./simulator-controls.ts";
import type { Endpoint, Route } from "./simulator-route-types.ts";

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Settings to begin with; `reset` returns to them. */
  readonly settings?: SettingsChange;
  /** How many signal requests are kept, 200,000 unless said. */
  readonly signalsKept?: number;
  /** Idle connections are closed after this, milliseconds; 5,000 unless said. */
  readonly keepAliveMs?: number;
  /** What `/readyz` answers by; ready unless said. */
  readonly ready?: () => boolean;
}

/** Simulator is one that listens, with its controls. */
export interface Simulator extends SimulatorControls {
  /** `http://host:port`, without a slash at the end: issuer and API address at once. */
  readonly url: string;
  readonly port: number;
  /** Everything that it answers. */
  readonly endpoints: readonly Endpoint[];
  /** The tenant that an access key's tokens name. */
  deriveTenantIdFromAccessKey(accessKeyId: string): string;
  /** Closes the port and every connection, also those whose answer is still to come. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 5_000;

/** startSimulator opens the port and resolves once it listens; rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    port = 0,
    host = "127.0.0.1",
    settings,
    signalsKept,
    keepAliveMs = KEEP_ALIVE_MS,
    ready = () => true,
  } = options;
  const cxone = createSimulatedCxOneState({
    signer: await getProcessSigningKey(),
    settings,
    signalsKept,
    clock: Date.now,
  });
  const server = createServer({ keepAliveTimeout: keepAliveMs });
  const connections = numberConnections(server);
  const controls = createSimulatorControls(cxone, connections.open);
  const routes = [
    ...tokenRoutes(cxone),
    ...discoveryRoutes(cxone),
    ...contactAndServerTimeRoutes(cxone),
    ...controlRoutes(controls),
    ...healthRoutes(ready),
    homePageRoute(controls),
  ];
  server.on("request", createRequestListener({ serveSignal: createSignalHandler(cxone, connections.idOf), routes }));
  const bound = await listen(server, port, host);
  return {
    ...controls,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    endpoints: [SIGNAL_ENDPOINT, ...routes.map(({ method, pattern }) => ({ method, path: pattern }))],
    deriveTenantIdFromAccessKey,
    close: () => close(server),
  };
}

function numberConnections(server: Server): {
  readonly idOf: (request: IncomingMessage) => number;
  readonly open: () => number;
} {
  const ids = new WeakMap<Socket, number>();
  let last = 0;
  let open = 0;
  server.on("connection", (socket) => {
    ids.set(socket, ++last);
    open++;
    socket.once("close", () => open--);
    // A client that resets its connection is business as usual here.
    socket.on("error", () => undefined);
  });
  return { idOf: (request) => ids.get(request.socket) ?? 0, open: () => open };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Closing twice is closing once: the server says that it is not running, and that is what was wanted. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** healthRoutes: live while it answers; ready unless `ready` says that the process is closing. */
export function healthRoutes(ready: () => boolean): readonly Route[] {
  return [
    { method: "GET", pattern: /^\/livez$/, serve: () => ({ answer: jsonAnswer(200, { status: "ok" }) }) },
    {
      method: "GET",
      pattern: /^\/readyz$/,
      serve: () => ({ answer: ready() ? jsonAnswer(200, { status: "ok" }) : jsonAnswer(503, { status: "closing" }) }),
    },
  ];
}
