/**
 * An operator's calls as plain HTTP, for what a test asks of the admin API whether or not our own client knows it yet.
 */

/** Operator throws where Baton refuses, with what it said. */
export interface Operator {
  /** The connector's delivery policy: the members given are replaced. */
  setDelivery(connectorId: string, delivery: object): Promise<void>;
  pause(connectorId: string, body?: { readonly until?: string }): Promise<void>;
  resume(connectorId: string): Promise<void>;
  /** Stops everything, or starts everything again. */
  pauseAll(): Promise<void>;
  resumeAll(): Promise<void>;
  /** How many handoffs are queued or being sent. */
  live(): Promise<number>;
  /** What the overview says of one connector. */
  connector(connectorId: string): Promise<ConnectorRow | undefined>;
}

interface Overview {
  readonly handoffs: { readonly queued: number; readonly sending: number };
  readonly connectors: readonly ConnectorRow[];
}

interface ConnectorRow {
  readonly id: string;
  readonly breaker: "closed" | "open" | "probing";
  readonly heldUntil?: string;
  readonly waitingFor: Readonly<Record<string, number>>;
}

/** createOperator speaks with an admin key to the admin API at `url`. */
export function createOperator({ url, key }: { readonly url: string; readonly key: string }): Operator {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/admin/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const overview = async () => (await call("GET", "overview")) as Overview;
  return {
    setDelivery: async (id, delivery) => void (await call("PATCH", `connectors/${id}`, { delivery })),
    pause: async (id, body) => void (await call("POST", `connectors/${id}/pause`, body)),
    resume: async (id) => void (await call("POST", `connectors/${id}/resume`)),
    pauseAll: async () => void (await call("POST", "pause")),
    resumeAll: async () => void (await call("POST", "resume")),
    async live() {
      const { handoffs } = await overview();
      return handoffs.queued + handoffs.sending;
    },
    connector: async (id) => (await overview()).connectors.find((row) => row.id === id),
  };
}
