/** `baton doctor`: every section is checked, whatever an earlier one found. */
import { isUnavailable } from "@baton/redis/connection";
import type { Env } from "../all-in-one.ts";
import { readAdminView } from "./admin-view.ts";
import { type Check, failedToCheck, type Section, skipped } from "./check.ts";
import { checkConnectors } from "./connectors.ts";
import { checkConfiguration, readDoctorEnvironment } from "./environment.ts";
import { checkKeyring } from "./keyring.ts";
import { checkProcesses } from "./processes.ts";
import { checkQueue } from "./queue.ts";
import { checkClock, checkRedis, openRedisAccess } from "./redis.ts";
import { checkRegistry } from "./registry.ts";
import { type RootCause, rootCauses } from "./root-causes.ts";

/**
 * DoctorReport is what was found: `faults` of the environment keep processes from starting; they are among the
 * findings, too.
 */
export interface DoctorReport {
  readonly sections: readonly Section[];
  /** What is wrong by itself, the one that most follows from first. */
  readonly rootCauses: readonly RootCause[];
  readonly findings: number;
  readonly faults: number;
}

/** runDoctor never throws for what it finds; `onStep` is called with what is checked next. */
export async function runDoctor(env: Env, onStep: (words: string) => void): Promise<DoctorReport> {
  const environment = readDoctorEnvironment(env);
  onStep("asking Redis and admin");
  const [access, view] = await Promise.all([
    environment.redis === undefined ? undefined : openRedisAccess(environment.redis),
    readAdminView(environment.client),
  ]);
  const looks: Readonly<Record<string, () => Promise<readonly Check[]>>> = {
    configuration: async () => checkConfiguration(environment),
    processes: async () => [...(await checkProcesses(environment)), view.check],
    redis: () => checkRedis(access, environment.isReplicated),
    clock: () => checkClock(access, environment.namespace),
    registry: () => checkRegistry(environment, access, view),
    keyring: () =>
      checkKeyring(environment, access, (handoffs) => onStep(`looking at what is sealed: ${handoffs} handoffs`)),
    work: async () => checkQueue(view, Date.now()),
    connectors: () => checkConnectors(view, (done, of) => onStep(`verifying connectors: ${done} of ${of}`)),
  };
  const sections: Section[] = [];
  try {
    for (const [name, look] of Object.entries(looks)) {
      onStep(`looking at ${name}`);
      sections.push({
        name,
        checks: await look().catch((error: unknown) => [
          isUnavailable(error) ? skipped(name, "Redis does not answer") : failedToCheck(name, error),
        ]),
      });
    }
  } finally {
    access?.close();
  }
  const findings = sections.flatMap(({ checks }) => checks.filter(({ state }) => state === "bad"));
  return {
    sections: sections.map(({ name, checks }) => ({ name, checks: checks.map(withoutTies) })),
    rootCauses: rootCauses(sections),
    findings: findings.length,
    faults: environment.faults.length,
  };
}

/** Ties have done their work. */
function withoutTies({ faults: _faults, follows: _follows, ...check }: Check): Check {
  return check;
}
