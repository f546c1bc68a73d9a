/** Playing a plan: two workers as processes, and a connector for each that the plan has. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Rate, RatePeriod } from "@baton/chaos/rate-ceiling";
import { type Gate, HEARD_MS, startGate } from "../../world/gate.ts";
import { type RunningProcess, startProcess } from "../../world/process.ts";
import type { Asked, History, Span } from "./history.ts";
import { type Action, type ConnectorPlan, PLAN_MS, type Plan, RETRY_AFTER_S, type WorkerAction } from "./plan.ts";

/** What an attempt may take: a request that hangs is given up after so long. Milliseconds. */
const ATTEMPT_MS = 1_000;
const BACKOFF = { baseMs: 100, capMs: 500 };
/**
 * What a killed worker had begun is back after its attempt's time and the fence, what it had not begun within 6 s.
 * Milliseconds.
 */
const KILLED_MS = 7_000;
/** A token is there within so long of the end of the identity service's trouble. Milliseconds. */
const TOKEN_MS = 8_000;
/** After an operator's resume: what was under way, or waits for its own Retry-After, is over by then. Milliseconds. */
const RECOVERED_MS = ATTEMPT_MS + RETRY_AFTER_S * 1_000 + BACKOFF.capMs;
/** Everything has ended by then: the longest delay and deadline, and the fence. Milliseconds. */
const REST_MS = 60_000;
const READ_AT_ONCE = 50;
/** Contacts below it are shared by a connector's batches, those from it on have one handoff each. */
const FIRST_CONTACT = 900_000_000_000;
const SHARED = 1_000;

/** startPlanPlayer starts a Baton on which plans are played one after the other. */
export async function startPlanPlayer() {
  const gate = await startGate();
  const workers = await Promise.all([startProcess("worker", gate.env), startProcess("worker", gate.env)]);
  return { gate, play: (plan: Plan) => play(gate, workers, plan) };
}

interface Stage {
  readonly gate: Gate;
  readonly workers: RunningProcess[];
  /** What befell all of them. */
  readonly kills: Span[];
  readonly troubles: Span[];
}

/** play resolves with one history for each connector once everything has ended, or should have. */
async function play(gate: Gate, workers: RunningProcess[], plan: Plan): Promise<readonly History[]> {
  const stage: Stage = { gate, workers, kills: [], troubles: [] };
  const players = await Promise.all(plan.connectors.map((own) => Player.create(gate, own)));
  const at = clockFrom(Date.now());
  const meddle = async () => {
    for (const { atMs, does } of plan.steps) await meddleWith(stage, does, await at(atMs));
  };
  await Promise.all([meddle(), ...players.map((player) => player.run(at))]);
  await at(PLAN_MS);
  await Promise.all(players.map((player) => player.repair()));
  await untilRest(gate);
  return Promise.all(players.map((player) => player.history(stage)));
}

/** At waits until so many milliseconds of the plan have passed, and gives the instant. */
type At = (ms: number) => Promise<number>;

function clockFrom(startedAt: number): At {
  return async (ms) => {
    await sleep(Math.max(0, startedAt + ms - Date.now()));
    return Date.now();
  };
}

async function meddleWith({ gate, workers, kills, troubles }: Stage, does: WorkerAction, from: number): Promise<void> {
  switch (does.kind) {
    case "kill": {
      await workers[does.worker]?.stop("SIGKILL");
      workers[does.worker] = await startProcess("worker", gate.env);
      kills.push({ from, until: Math.max(from + KILLED_MS, Date.now() + KILLED_MS) });
      return;
    }
    case "tokens": {
      const fault = gate.simulator.answer({ on: "token", status: 500 });
      gate.simulator.revokeTokens();
      await sleep(does.forMs);
      gate.simulator.withdraw(fault);
      troubles.push({ from, until: Date.now() + TOKEN_MS });
      return;
    }
  }
}

async function untilRest({ operator }: Gate): Promise<void> {
  const endsAt = Date.now() + REST_MS;
  while (Date.now() < endsAt && (await operator.live()) > 0) await sleep(200);
}

/** Player plays one connector's part. */
class Player {
  readonly #gate: Gate;
  readonly #plan: ConnectorPlan;
  readonly #own: Awaited<ReturnType<Gate["createConnector"]>>;
  readonly #asked: Asked[] = [];
  readonly #rates: RatePeriod[];
  readonly #troubles: Span[] = [];
  readonly #faults: string[] = [];
  #rate: Rate | null;

  private constructor(gate: Gate, plan: ConnectorPlan, own: Awaited<ReturnType<Gate["createConnector"]>>) {
    this.#gate = gate;
    this.#plan = plan;
    this.#own = own;
    this.#rate = plan.rate;
    this.#rates = [{ from: 0, rate: plan.rate }];
  }

  static async create(gate: Gate, plan: ConnectorPlan): Promise<Player> {
    const { guarantee, rate } = plan;
    const own = await gate.createConnector({
      delivery: { guarantee, rate, attemptTimeoutMs: ATTEMPT_MS, backoff: BACKOFF, maxAttempts: 12 },
    });
    return new Player(gate, plan, own);
  }

  async run(at: At): Promise<void> {
    const running: Promise<void>[] = [];
    for (const { atMs, does } of this.#plan.steps) {
      await at(atMs);
      running.push(this.#act(does));
    }
    await Promise.all(running);
  }

  /** repair ends every fault, and opens the gate as an operator does. */
  async repair(): Promise<void> {
    const from = Date.now();
    for (const fault of this.#faults) this.#gate.simulator.withdraw(fault);
    await this.#gate.operator.resume(this.#own.connector.id);
    if (this.#troubles.length > 0) this.#troubles.push({ from, until: Date.now() + HEARD_MS + RECOVERED_MS });
  }

  async history({ gate, kills, troubles }: Stage): Promise<History> {
    const client = gate.clientOf(this.#own);
    const asked: Asked[] = [];
    for (let from = 0; from < this.#asked.length; from += READ_AT_ONCE) {
      const some = this.#asked.slice(from, from + READ_AT_ONCE);
      const read = async ({ handoff, ...one }: Asked): Promise<Asked> =>
        handoff === undefined ? one : { ...one, handoff: await client.get(handoff.id) };
      asked.push(...(await Promise.all(some.map(read))));
    }
    return {
      guarantee: this.#plan.guarantee,
      asked,
      signals: gate.simulator.signals({ accessKeyId: this.#own.accessKeyId }),
      rates: this.#rates,
      troubles: [...troubles, ...this.#troubles],
      kills,
      lateMs: gate.lateMs(),
    };
  }

  async #act(does: Action): Promise<void> {
    switch (does.kind) {
      case "send":
        return this.#send(does);
      case "cancel":
        return this.#cancel(does.count);
      case "rate":
        return this.#changeRate(does.rate);
      case "fault":
        return this.#fail(does);
      case "pause":
        return this.#pause(does.forMs);
    }
  }

  async #fail({ fault, forMs }: Extract<Action, { kind: "fault" }>): Promise<void> {
    const { simulator } = this.#gate;
    const from = Date.now();
    const id = simulator.answer({ on: "signal", accessKeyId: this.#own.accessKeyId, ...fault });
    this.#faults.push(id);
    await sleep(forMs);
    simulator.withdraw(id);
    // The breaker, a throttle: until the repair it is not known how long they go on.
    this.#troubles.push({ from, until: from + PLAN_MS + HEARD_MS + RECOVERED_MS });
  }

  async #pause(forMs: number): Promise<void> {
    const { operator } = this.#gate;
    const from = Date.now();
    await operator.pause(this.#own.connector.id);
    await sleep(forMs);
    await operator.resume(this.#own.connector.id);
    this.#troubles.push({ from, until: Date.now() + HEARD_MS });
  }

  async #changeRate(rate: Rate | null): Promise<void> {
    const from = Date.now();
    await this.#gate.operator.setDelivery(this.#own.connector.id, { rate });
    this.#changed(from, rate);
    this.#troubles.push({ from, until: Date.now() + HEARD_MS });
  }

  /** While a change is on its way, either rate may be in force. */
  #changed(from: number, rate: Rate | null): void {
    const before = this.#rate;
    this.#rate = rate;
    const larger =
      before === null || rate === null
        ? null
        : { perSecond: Math.max(before.perSecond, rate.perSecond), burst: Math.max(before.burst, rate.burst) };
    this.#rates.push({ from, rate: larger }, { from: Date.now() + HEARD_MS, rate });
  }

  async #send({ count, contacts, delayMs, deadlineMs }: Extract<Action, { kind: "send" }>): Promise<void> {
    const client = this.#gate.clientOf(this.#own);
    const first = contacts < count ? 0 : SHARED + this.#asked.length;
    const bodies = Array.from({ length: count }, (_, number) => {
      const p1 = `${this.#own.connector.id.slice(-6)}-${this.#asked.length + number}`;
      return { contactId: String(FIRST_CONTACT + first + (number % contacts)), params: { p1 }, delayMs, deadlineMs };
    });
    this.#asked.push(...bodies.map(({ params, contactId }) => ({ name: params.p1, contactId, delayMs })));
    const from = this.#asked.length - count;
    const results = await client.sendBatch(bodies).catch(() => []);
    for (const [index, { handoff }] of results.entries()) {
      const asked = this.#asked[from + index];
      if (handoff !== undefined && asked !== undefined) this.#asked[from + index] = { ...asked, handoff };
    }
  }

  async #cancel(count: number): Promise<void> {
    const client = this.#gate.clientOf(this.#own);
    const last = this.#asked.flatMap(({ handoff }) => handoff ?? []).slice(-count);
    await Promise.all(last.map(({ id }) => client.cancel(id).catch(() => undefined)));
  }
}
