/** The producer: sends handoffs at a steady pace and writes every answer down, also that there was none. */
import { type ClientRequest, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Guarantee } from "./ledger.ts";

/**
 * How long an answer may take before the producer hangs up. Baton answers within a second, also when Redis hangs.
 * Milliseconds.
 */
const ANSWER_MS = 5_000;
/** A sender that repeats waits this long between two tries, and gives up after so many. Milliseconds. */
const REPEAT_MS = 500;
const REPEATS = 120;
/** The delay of those that are taken back, and when that is tried. Milliseconds. */
const DELAY_MS = 1_500;
const CANCEL_AFTER_MS = 300;
/** The load is at most so many times what a scenario asks for. */
const MAX_TIMES = 5;
const FIRST_CONTACT = 100_000_000_000;

/** Sender is one connector as the producer uses it. */
export interface Sender {
  readonly guarantee: Guarantee;
  readonly token: string;
}

/**
 * Load is how much is sent: at least `requests`, and more while a scenario's trouble is not over, as on a slow machine.
 */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

export interface ProducerOptions extends Load {
  readonly senders: readonly [Sender, ...Sender[]];
  /** Ingresses that say they are ready, as a load balancer would choose; never empty. */
  readonly targets: () => readonly string[];
}

/**
 * Planned is one request. Each ten share a connector; the fifth to seventh of them signal one contact, one after the
 * other. One in twenty is delayed and taken back. Every second one carries an idempotency key and repeats until it
 * gets 202; the others are sent once.
 */
interface Planned {
  readonly key: string;
  readonly sender: Sender;
  readonly contactId: string;
  readonly repeats: boolean;
  readonly cancels: boolean;
}

/** Producer runs once. */
export class Producer {
  readonly #options: ProducerOptions;
  readonly answers: Answer[] = [];
  #sent = 0;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(options: ProducerOptions) {
    this.#options = options;
  }

  /** reached resolves once this part of the load (0 to 1) was sent. */
  reached(part: number): Promise<void> {
    const count = Math.ceil(part * this.#options.requests);
    if (this.#sent >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** sent is how many requests were begun. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * run sends everything, goes on until `trouble` is over, and resolves once each request has its last answer. However
   * long the trouble lasts, no more than MAX_TIMES the load is sent.
   */
  async run(trouble: Promise<unknown>): Promise<void> {
    const { requests, perSecond, senders } = this.#options;
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    trouble.then(end, end);
    const startedAt = performance.now();
    const open: Promise<void>[] = [];
    for (let index = 0; index < requests || (!isOver && index < MAX_TIMES * requests); index += 1) {
      await sleep(Math.max(0, startedAt + (index * 1_000) / perSecond - performance.now()));
      open.push(this.#send(plan(index, senders)));
      this.#sent = index + 1;
      for (const { count, resolve } of this.#waiting) if (this.#sent >= count) resolve();
    }
    await Promise.all(open);
  }

  async #send(planned: Planned): Promise<void> {
    for (let tries = 0; tries <= (planned.repeats ? REPEATS : 0); tries += 1) {
      if (tries > 0) await sleep(REPEAT_MS);
      const reply = await this.#ask(planned, "accept", "/v1/handoffs", bodyOf(planned));
      if (reply.answer === 202) return this.#takeBack(planned, reply.body);
      if (typeof reply.answer === "number" && reply.answer !== 503 && reply.answer !== 429) return;
    }
  }

  async #takeBack(planned: Planned, body: string): Promise<void> {
    if (!planned.cancels) return;
    await sleep(CANCEL_AFTER_MS);
    const { id } = JSON.parse(body) as { id: string };
    await this.#ask(planned, "cancel", `/v1/handoffs/${id}/cancel`);
  }

  async #ask({ key, sender, repeats }: Planned, call: Answer["call"], path: string, body?: object): Promise<Heard> {
    const targets = this.#options.targets();
    const target = targets[this.answers.length % targets.length];
    const at = Date.now();
    const startedAt = performance.now();
    const headers = {
      authorization: `Bearer ${sender.token}`,
      ...(repeats && call === "accept" ? { "idempotency-key": key } : {}),
    };
    const reply = await post(new URL(path, target), headers, body);
    const tookMs = Math.round(performance.now() - startedAt);
    this.answers.push({ at, tookMs, key, call, guarantee: sender.guarantee, answer: reply.answer });
    return reply;
  }
}

function plan(index: number, senders: ProducerOptions["senders"]): Planned {
  const tens = Math.floor(index / 10);
  const place = index % 10;
  const sharesContact = place === 5 || place === 6;
  return {
    key: `r${String(index).padStart(5, "0")}`,
    sender: senders[tens % senders.length] ?? senders[0],
    contactId: String(FIRST_CONTACT + tens * 10 + (sharesContact ? 4 : place)),
    repeats: index % 2 === 0,
    cancels: index % 20 === 8,
  };
}

function bodyOf({ key, contactId, cancels }: Planned): object {
  return { contactId, params: { p1: key, p2: "billing" }, sharedId: key, ...(cancels ? { delayMs: DELAY_MS } : {}) };
}

interface Heard {
  readonly answer: Answer["answer"];
  readonly body: string;
}

/**
 * post sends one request on a connection of its own, so that `lost` and `not-reached` mean what they say. Never
 * rejects.
 */
function post(url: URL, headers: Readonly<Record<string, string>>, body: object | undefined): Promise<Heard> {
  return new Promise((resolve) => {
    const sent: ClientRequest = request(url, {
      method: "POST",
      agent: false,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      timeout: ANSWER_MS,
    });
    let connected = false;
    const failed = () => resolve({ answer: connected ? "lost" : "not-reached", body: "" });
    sent.once("socket", (socket) => socket.once("connect", () => (connected = true)));
    sent.once("timeout", () => sent.destroy());
    sent.once("error", failed);
    sent.once("response", (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.once("end", () => resolve({ answer: response.statusCode ?? 0, body: text }));
      response.once("error", failed);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
