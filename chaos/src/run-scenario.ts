/** Running one scenario: set the stage, send and make trouble, wait until all has ended, write the ledgers. */
import { createChance } from "./chance.ts";
import { type Header, type Ledger, writeLedger } from "./ledger.ts";
import type { Scenario } from "./scenario.ts";
import { openStage, type Stage } from "./stage.ts";

export interface RunOptions {
  readonly seed: number;
  /** A folder of this run's own: ledgers, and the log of every process. */
  readonly folder: string;
}

/** runScenario gives the ledger, which is also in the folder. Throws when the scenario itself could not be played. */
export async function runScenario(scenario: Scenario, { seed, folder }: RunOptions): Promise<Ledger> {
  const startedAt = Date.now();
  const stage = await openStage(scenario.setting ?? {}, { folder, chance: createChance(seed) });
  try {
    await Promise.all([stage.producer.run(), scenario.trouble(stage)]);
    await stage.quiet();
    const ledger: Ledger = {
      header: headerOf(scenario, stage, { seed, startedAt }),
      answers: stage.producer.answers,
      effects: await stage.simulator.effects(),
      endings: await stage.endings(),
      incidents: stage.incidents,
    };
    writeLedger(folder, ledger);
    return ledger;
  } finally {
    await stage.close();
  }
}

function headerOf(
  { name, what, mayForget = "nothing", noneDies, setting = {} }: Scenario,
  stage: Stage,
  run: Pick<Header, "seed" | "startedAt">,
): Header {
  return {
    scenario: name,
    what,
    ...run,
    ...stage.load,
    mayForget,
    rate: stage.rate,
    ...(noneDies === undefined ? {} : { noneDies }),
    ...(setting.replicaClockMs === undefined ? {} : { clockBackMs: Math.abs(setting.replicaClockMs) }),
  };
}
