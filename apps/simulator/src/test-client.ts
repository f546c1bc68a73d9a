/** What the simulator's tests send to it: plain HTTP, as a client that knows only CXone's documents would. */
import { type Simulator, type SimulatorOptions, startSimulator } from "./index.ts";

export const CONTACT = "100000000001";
export const KEY = "AKID====";

/** SimulatorTestClient is one access key's view of the simulator. */
export interface SimulatorTestClient {
  readonly simulator: Simulator;
  /** Asks for a token; the body as parsed JSON. */
  token(form?: Record<string, string>): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  accessToken(accessKeyId?: string): Promise<string>;
  /** Signals with a token of its own, fetched once. */
  signal(contactId: string, query?: string, body?: unknown): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  sim(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** startSimulatorWithClient starts a simulator that `await using` closes. */
export async function startSimulatorWithClient(options: SimulatorOptions = {}): Promise<SimulatorTestClient> {
  const simulator = await startSimulator(options);
  const { url } = simulator;
  let cached: Promise<string> | undefined;

  async function token(form: Record<string, string> = {}) {
    const response = await fetch(`${url}/auth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("app:secret").toString("base64")}` },
      body: new URLSearchParams({ grant_type: "password", username: KEY, password: "SECRET====", ...form }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  async function accessToken(accessKeyId = KEY): Promise<string> {
    return String((await token({ username: accessKeyId })).body.access_token);
  }
  async function authorized(): Promise<Record<string, string>> {
    cached ??= accessToken();
    return { authorization: `Bearer ${await cached}`, accept: "application/json" };
  }

  return {
    simulator,
    token,
    accessToken,
    signal: async (contactId, query = "", body) =>
      fetch(`${url}/inContactAPI/services/v30.0/interactions/${contactId}/signal${query}`, {
        method: "POST",
        redirect: "manual",
        headers: { ...(await authorized()), ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    get: async (path, headers) => fetch(`${url}${path}`, { headers: headers ?? (await authorized()) }),
    sim: (method, path, body) =>
      fetch(`${url}/__sim/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
