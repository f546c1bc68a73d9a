/**
 * The run step loop: looks for runs that are to be stepped, and steps each when its turn comes, until the process
 * closes.
 */
import { isRedisUnavailable } from "@baton/redis/connection";
import type { StepRun } from "./step-run.ts";

/** How often it looks for runs. Milliseconds. */
const LOOK_MS = 500;
/** After something went wrong with a run. Milliseconds. */
const RETRY_MS = 1_000;

export interface RunStepLoopOptions {
  readonly active: () => Promise<readonly string[]>;
  readonly step: StepRun;
  /** Gives a run back, so that another worker goes on at once. */
  readonly releaseLease: (run: string) => Promise<void>;
  /** Asked before each turn: a worker whose clock is off takes nothing. */
  readonly canTakeJobs: () => boolean;
  readonly onError: (error: unknown) => void;
}

/** RunStepLoop steps runs from `start` to `close`; each by itself, so that none waits for another's contacts. */
export class RunStepLoop {
  readonly #options: RunStepLoopOptions;
  /** Runs that this process looks at, each with its next step. */
  readonly #runs = new Map<string, NodeJS.Timeout | Promise<void>>();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RunStepLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      for (const run of await this.#options.active()) if (!this.#runs.has(run)) this.#plan(run, 0);
    } catch (error) {
      this.#report(error);
    }
    if (!this.#isClosed) this.start();
  }

  #plan(run: string, inMs: number): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => this.#runs.set(run, this.#step(run)), inMs);
    this.#runs.set(run, timer);
  }

  async #step(run: string): Promise<void> {
    const { step, canTakeJobs } = this.#options;
    let inMs: number | undefined = RETRY_MS;
    try {
      if (canTakeJobs()) inMs = await step(run);
    } catch (error) {
      this.#report(error);
    }
    if (inMs === undefined) this.#runs.delete(run);
    else this.#plan(run, inMs);
  }

  #report(error: unknown): void {
    if (!isRedisUnavailable(error)) this.#options.onError(error);
  }

  /** close waits for the steps under way, and gives the runs back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    const steps = [...this.#runs];
    for (const [, step] of steps) if (!(step instanceof Promise)) clearTimeout(step);
    await Promise.all(steps.flatMap(([, step]) => (step instanceof Promise ? [step] : [])));
    await Promise.all(
      steps.map(([run]) => this.#options.releaseLease(run).catch((error: unknown) => this.#report(error))),
    );
  }
}
