/** The operator's calls, timed from outside, body included. */
import { z } from "zod";
import type { startBaton } from "../contenders/baton.ts";
import { quantile } from "../figure.ts";

/** What a page asks for: the page of dead letters. */
const PAGE = 50;
/** As far back as a series goes. */
const DAY_MINUTES = 1_440;

/** CallFigures in milliseconds. */
export interface CallFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Baton is one that was started, with its addresses and tokens. */
export type Baton = Awaited<ReturnType<typeof startBaton>>;

const idsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

/**
 * createAdminCaller speaks to admin as an operator and Prometheus do; the dead letters of one connector are looked
 * through.
 */
export function createAdminCaller({ adminUrl, env, port, tokens }: Baton, connectorId: string) {
  const admin = { headers: { authorization: `Bearer ${env.BATON_ADMIN_KEY}`, "content-type": "application/json" } };

  async function timed(url: string, init: RequestInit = {}): Promise<{ readonly ms: number; readonly body: string }> {
    const startedAt = performance.now();
    const answer = await fetch(url, { ...admin, ...init });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${init.method ?? "GET"} ${url}: ${answer.status} ${body}`);
    return { ms: performance.now() - startedAt, body };
  }

  async function repeat(times: number, once: (turn: number) => Promise<{ readonly ms: number }>): Promise<CallFigures> {
    const all: number[] = [];
    for (let turn = 0; turn < times; turn++) all.push((await once(turn)).ms);
    return { p50Ms: quantile(all, 0.5), p99Ms: quantile(all, 0.99) };
  }

  /** Queued ones of the first connector, which is paused. */
  async function sendHeld(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let number = 0; number < count; number++) {
      const headers = { authorization: `Bearer ${tokens[0]}`, "content-type": "application/json" };
      const body = JSON.stringify({ contactId: String(900_000_000_000 + number), deadlineMs: 86_400_000 });
      const answer = await fetch(`http://127.0.0.1:${port}/v1/handoffs`, { method: "POST", headers, body });
      ids.push(z.object({ id: z.string() }).parse(await answer.json()).id);
    }
    return ids;
  }

  async function someDeadLetterIds(count: number): Promise<readonly string[]> {
    const { body } = await timed(`${adminUrl}/admin/v1/dead-letters?limit=${count}`);
    return idsSchema.parse(JSON.parse(body)).items.map(({ id }) => id);
  }

  return {
    /** measure makes each call so many times, one after the other. */
    async measure(times: number): Promise<Readonly<Record<string, CallFigures>>> {
      const held = await sendHeld(times);
      const deadLetterIds = await someDeadLetterIds(times);
      const post = (url: string) => timed(url, { method: "POST", body: "{}" });
      return {
        "metrics scrape": await repeat(times, () => timed(`${adminUrl}/metrics`)),
        overview: await repeat(times, () => timed(`${adminUrl}/admin/v1/overview`)),
        "causes of dead letters": await repeat(times, () => timed(`${adminUrl}/admin/v1/dead-letters/causes`)),
        "series of a day": await repeat(times, () => timed(`${adminUrl}/admin/v1/series?minutes=${DAY_MINUTES}`)),
        "page of 50 dead letters by connector and reason": await repeat(times, () =>
          timed(`${adminUrl}/admin/v1/dead-letters?connectorId=${connectorId}&reason=rejected&limit=${PAGE}`),
        ),
        cancel: await repeat(times, (turn) => post(`${adminUrl}/admin/v1/handoffs/${held[turn]}/cancel`)),
        "replay of one": await repeat(times, (turn) =>
          post(`${adminUrl}/admin/v1/dead-letters/${deadLetterIds[turn]}/replay`),
        ),
      };
    },

    /** resume is one call; there is no second connector with as many waiting. */
    async resume(connectorId: string): Promise<CallFigures> {
      const { ms } = await timed(`${adminUrl}/admin/v1/connectors/${connectorId}/resume`, { method: "POST" });
      return { p50Ms: ms, p99Ms: ms };
    },
  };
}
