/** A scenario: a setting, and what is done to Baton while the producer sends; and how it is run. */
import { type Header, type Ledger, writeLedger } from "./ledger.ts";
import { createRandom } from "./random.ts";
import { openStage, type Setting, type Stage } from "./stage.ts";

export interface Scenario {
  readonly name: string;
  /** One sentence for the report. */
  readonly what: string;
  /** In the short set that CI runs. */
  readonly ci?: true;
  /**
   * What Redis itself may forget here, as it is set to replicate or to write; what is gone is counted, not held against
   * Baton.
   */
  readonly mayForget?: Header["mayForget"];
  /** None may die of this trouble. */
  readonly noneDies?: true;
  readonly setting?: Setting;
  /** Done before the producer begins. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** Resolves when everything that was broken works again. */
  readonly trouble: (stage: Stage) => Promise<void>;
}

export interface RunOptions {
  readonly seed: number;
  /** A folder of this run's own: ledgers, and the log of every process. */
  readonly folder: string;
}

/** runScenario gives the ledger, which is also in the folder. Throws when the scenario itself could not be played. */
export async function runScenario(scenario: Scenario, { seed, folder }: RunOptions): Promise<Ledger> {
  const startedAt = Date.now();
  const stage = await openStage(scenario.setting ?? {}, { folder, random: createRandom(seed) });
  try {
    await scenario.prepare?.(stage);
    const trouble = scenario.trouble(stage);
    await Promise.all([stage.producer.run(trouble), trouble]);
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
    requests: stage.producer.sent,
    mayForget,
    rate: stage.rate,
    ...(stage.runFacts === undefined ? {} : { run: stage.runFacts }),
    ...(noneDies === undefined ? {} : { noneDies }),
    ...(setting.replicaClockMs === undefined ? {} : { clockBackMs: Math.abs(setting.replicaClockMs) }),
  };
}
