/** Rig: one contender with simulator and load generator, all fresh, and the phases that are played on it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { type Arrival, followArrivals } from "./arrivals.ts";
import type { Contender } from "./contenders/contender.ts";
import { startNode } from "./contenders/start-node.ts";
import { startLoadGenerator } from "./load/load-generator.ts";
import { isAccepted, type Phase, type PhaseResult, type Shape } from "./load/phase.ts";
import { type Calls, commandsRun, subtractCalls } from "./redis-figures.ts";

/** Everything that was accepted arrives within so long of the last answer, or counts as missing. Milliseconds. */
const ARRIVE_MS = 30_000;
/**
 * What follows an arrival, settling and logging, is over after so long; it belongs to the phase's cost. Milliseconds.
 */
const SETTLE_MS = 300;
/** How often arrivals are looked for. Milliseconds. */
const POLL_MS = 100;

/** Every phase's contacts differ from all others': a phase has fewer handoffs than this. */
const CONTACTS_A_PHASE = 10_000_000;
const FIRST_CONTACT = 100_000_000_000;

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
  readonly commands: Calls;
}

export interface PlayOptions {
  readonly shape: Shape;
  /** Which tokens; all unless said. */
  readonly tokens?: readonly string[];
  readonly params?: Phase["params"];
  readonly waitS?: Phase["waitS"];
}

type Start<C> = (options: { folder: string; simulatorUrl: string }) => Promise<C>;
type Closers = (() => Promise<void>)[];

/** openRig starts everything; disposing of it ends every process and removes its folder. */
export async function openRig<C extends Contender>(start: Start<C>): Promise<Rig<C>> {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const closers: Closers = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    const port = await getPort({ host: "127.0.0.1" });
    const env = { BATON_SIMULATOR_PORT: String(port) };
    const simulator = await startNode({
      name: "simulator",
      folder,
      env,
      script: "apps/simulator/src/main.ts",
      says: '"msg":"listening"',
    });
    closers.push(() => simulator.kill());
    const simulatorUrl = `http://127.0.0.1:${port}`;
    const contender = await start({ folder, simulatorUrl });
    closers.push(() => contender.close());
    const load = startLoadGenerator();
    closers.push(() => load.close());
    return new Rig({ folder, simulatorUrl, simulatorPid: simulator.pid, contender, load, closers });
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close();
}

interface Parts<C> {
  readonly folder: string;
  readonly simulatorUrl: string;
  readonly simulatorPid: number;
  readonly contender: C;
  readonly load: ReturnType<typeof startLoadGenerator>;
  readonly closers: Closers;
}

/** Rig is what phases are played on. */
export class Rig<C extends Contender = Contender> {
  readonly folder: string;
  readonly simulatorUrl: string;
  readonly contender: C;
  readonly load: Parts<C>["load"];
  readonly #pids: Readonly<Record<string, number>>;
  readonly #closers: Closers;
  readonly #arrivals: ReturnType<typeof followArrivals>;
  #contact = FIRST_CONTACT;

  constructor({ folder, simulatorUrl, simulatorPid, contender, load, closers }: Parts<C>) {
    this.folder = folder;
    this.simulatorUrl = simulatorUrl;
    this.contender = contender;
    this.load = load;
    this.#pids = { ...contender.pids, simulator: simulatorPid };
    this.#closers = closers;
    this.#arrivals = followArrivals(simulatorUrl);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return closeAll(this.#closers);
  }

  /** nextContacts gives the first contact of a phase; no two phases share any. */
  nextContacts(): number {
    this.#contact += CONTACTS_A_PHASE;
    return this.#contact;
  }

  /** play plays one phase to its end: until all that was accepted has arrived and is settled. */
  async play(options: PlayOptions): Promise<Played> {
    const before = await this.#costs();
    const result = await this.#send(options);
    await this.#arrivals.until(accepted(result).length, ARRIVE_MS);
    await sleep(SETTLE_MS);
    const after = await this.#costs();
    const cpu = Object.fromEntries(
      Object.keys(after.cpu).map((name) => [name, (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)]),
    );
    const arrivals = await this.#arrivals.read();
    return {
      ...result,
      arrivals,
      cpu: { ...cpu, load: result.cpuSeconds },
      commands: subtractCalls(after.commands, before.commands),
    };
  }

  /** playBeside plays a phase while other handoffs are under way, and waits for its own signals alone. */
  async playBeside(options: PlayOptions): Promise<Outcome> {
    const { sent } = await this.#send(options);
    return { sent, arrivals: await this.arrivalsOf(sent) };
  }

  /** arrivalsOf reads on until all of them that were accepted have come, and leaves out others'. */
  async arrivalsOf(sent: PhaseResult["sent"], maxWaitMs = ARRIVE_MS): Promise<readonly Arrival[]> {
    const own = new Set(sent.map(({ contactId }) => contactId));
    const expected = accepted({ sent }).length;
    const found: Arrival[] = [];
    const giveUpAt = performance.now() + maxWaitMs;
    for (;;) {
      found.push(...(await this.#arrivals.read()).filter(({ contactId }) => own.has(contactId)));
      if (found.length >= expected || performance.now() > giveUpAt) return found;
      await sleep(POLL_MS);
    }
  }

  #send({ tokens = this.contender.tokens, ...phase }: PlayOptions): Promise<PhaseResult> {
    return this.load.play({ port: this.contender.port, tokens, firstContact: this.nextContacts(), ...phase });
  }

  async #costs() {
    const cpu = Object.fromEntries(Object.entries(this.#pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
    return { cpu, commands: await commandsRun(this.contender.redis) };
  }
}

/** accepted gives what was answered 202, or 200 by an answer that waited for the handoff's end. */
export function accepted({ sent }: Pick<PhaseResult, "sent">): PhaseResult["sent"] {
  return sent.filter(isAccepted);
}

/** USER_HZ: what Linux counts CPU time in, on every architecture that Node runs on. Ticks a second. */
const USER_HZ = 100;

/** cpuSeconds of a process since its start, user and system, all threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

/** residentMiB of a process, as it is now. */
export function residentMiB(pid: number): number {
  const [, kib = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}
