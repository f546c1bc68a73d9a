/** Controls the simulator over HTTP: what goes wrong, and which signals it got. */
import { z } from "zod";
import type { Effect } from "./ledger.ts";

const pageSchema = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      contactId: z.string(),
      params: z.object({ p1: z.string().optional() }),
      effect: z.boolean(),
      status: z.number().optional(),
      inFlightSame: z.number(),
    }),
  ),
  nextCursor: z.string().optional(),
});

/** Fault is one of the simulator's, see apps/simulator. */
export interface Fault {
  readonly on?: "signal" | "token" | "discovery";
  readonly times?: number;
  /** All unless said. */
  readonly scope?: { readonly contactId?: string; readonly accessKeyId?: string };
  readonly fault: Readonly<Record<string, unknown>>;
}

export type SimulatorControl = ReturnType<typeof controlSimulator>;

/** controlSimulator speaks to the simulator at `url`. */
export function controlSimulator(url: string) {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/__sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok)
      throw new Error(`the simulator answers ${answer.status} to ${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    /** From now on this goes wrong, `times` times or until it is repaired. */
    answer: (fault: Fault) => call("POST", "faults", fault),
    repair: () => call("DELETE", "faults"),
    settings: (change: object) => call("POST", "settings", change),
    revokeTokens: () => call("POST", "tokens/revoke", {}),
    /** Every signal's request so far. */
    async effects(): Promise<readonly Effect[]> {
      const effects: Effect[] = [];
      for (let cursor: string | undefined = "0"; cursor !== undefined; ) {
        const page = pageSchema.parse(await call("GET", `signals?limit=5000&cursor=${cursor}`));
        effects.push(
          ...page.items.map(({ at, params, ...seen }) => ({ at: Date.parse(at), key: params.p1 ?? "", ...seen })),
        );
        cursor = page.nextCursor;
      }
      return effects;
    },
  };
}
