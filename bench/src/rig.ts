/** Rig: one contender with simulator and load generator, all fresh, and the phases that are played on it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@baton/chaos/tcp-proxy";
import { type Arrival, followArrivals } from "./arrivals.ts";
import type { Contender } from "./contenders/contender.ts";
import { startNode } from "./contenders/start-node.ts";
import { startLoad } from "./load/load.ts";
import type { PhaseResult, Shape } from "./load/phase.ts";
import { commandsRun } from "./redis-figures.ts";
import { cpuSeconds } from "./usage.ts";

/** Everything that was accepted arrives within so long of the last answer, or counts as missing. Milliseconds. */
const ARRIVE_MS = 30_000;
/** What follows an arrival, settling and logging, is over after so long; it belongs to the phase's cost. Milliseconds. */
const SETTLE_MS = 300;
/** How often arrivals are looked for. Milliseconds. */
const POLL_MS = 100;

/** Outcome of a phase: what was sent, and which signals arrived. */
export interface Outcome {
  readonly sent: PhaseResult["sent"];
  readonly arrivals: readonly Arrival[];
}

/** Played is one phase with all it led to and all it cost. */
export interface Played extends PhaseResult, Outcome {
  /** CPU seconds by process, the simulator and the generator last. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Redis commands, those inside scripts among them. */
  readonly commands: number;
}

export interface PlayOptions {
  readonly shape: Shape;
  /** Which tokens; all unless said. */
  readonly tokens?: readonly string[];
}

export type Rig<C extends Contender = Contender> = Awaited<ReturnType<typeof openRig<C>>>;

/** openRig starts everything; disposing of it ends every process and removes its folder. */
export async function openRig<C extends Contender>(start: (options: { folder: string; simulatorUrl: string }) => Promise<C>) {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const closers: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    const port = await freePort();
    const env = { BATON_SIMULATOR_PORT: String(port) };
    const simulator = await startNode({ name: "simulator", folder, env, script: "apps/simulator/src/main.ts", says: '"msg":"listening"' });
    closers.push(() => simulator.kill());
    const simulatorUrl = `http://127.0.0.1:${port}`;
    const contender = await start({ folder, simulatorUrl });
    closers.push(() => contender.close());
    const load = startLoad();
    closers.push(() => load.close());
    const arrivals = followArrivals(simulatorUrl);
    let contact = 100_000_000_000;
    const nextContacts = () => {
      contact += CONTACTS_A_PHASE;
      return contact;
    };

    /** play plays one phase to its end: until all that was accepted has arrived and is settled. */
    async function play({ shape, tokens = contender.tokens }: PlayOptions): Promise<Played> {
      const before = await costs();
      const result = await load.play({ port: contender.port, tokens, firstContact: nextContacts(), shape });
      await arrivals.until(accepted(result).length, ARRIVE_MS);
      await sleep(SETTLE_MS);
      const after = await costs();
      const cpu = Object.fromEntries(Object.keys(after.cpu).map((name) => [name, (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)]));
      const arrived = await arrivals.read();
      return { ...result, arrivals: arrived, cpu: { ...cpu, load: result.cpuSeconds }, commands: after.commands - before.commands };
    }

    /** playBeside plays a phase while other handoffs are under way, and waits for its own signals alone. */
    async function playBeside({ shape, tokens = contender.tokens }: PlayOptions, mostMs = ARRIVE_MS): Promise<Outcome> {
      const { sent } = await load.play({ port: contender.port, tokens, firstContact: nextContacts(), shape });
      return { sent, arrivals: await arrivalsOf(sent, mostMs) };
    }

    /** arrivalsOf reads on until all of them that were accepted have come, and leaves out others'. */
    async function arrivalsOf(sent: PhaseResult["sent"], mostMs: number): Promise<readonly Arrival[]> {
      const own = new Set(sent.map(({ contactId }) => contactId));
      const expected = accepted({ sent }).length;
      const found: Arrival[] = [];
      const giveUpAt = performance.now() + mostMs;
      for (;;) {
        found.push(...(await arrivals.read()).filter(({ contactId }) => own.has(contactId)));
        if (found.length >= expected || performance.now() > giveUpAt) return found;
        await sleep(POLL_MS);
      }
    }

    async function costs() {
      const pids = Object.entries({ ...contender.pids, simulator: simulator.pid });
      return { cpu: Object.fromEntries(pids.map(([name, pid]) => [name, cpuSeconds(pid)])), commands: await commandsRun(contender.redis) };
    }

    return { folder, simulatorUrl, contender, load, play, playBeside, arrivalsOf, nextContacts, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every phase's contacts differ from all others': a phase has fewer handoffs than this. */
const CONTACTS_A_PHASE = 10_000_000;

/** accepted gives what was answered 202. */
export function accepted({ sent }: Pick<PhaseResult, "sent">): PhaseResult["sent"] {
  return sent.filter(({ status }) => status === 202);
}
