/** The doctor on the configuration: what no process would start with, and what the doctor itself was not given. */
import { type CheckResult, failCheck, passCheck, skipCheck } from "./check-result.ts";
import type { EnvironmentForChecks } from "./environment-for-checks.ts";

/** checkConfiguration gives all faults, and what the doctor was not given. */
export function checkConfiguration({ faults, redis, keyring, client }: EnvironmentForChecks): readonly CheckResult[] {
  const named = (name: string) => faults.some((fault) => fault.startsWith(name));
  const missing = [
    ...(redis === undefined && !named("BATON_REDIS_URL") ? ["BATON_REDIS_URL"] : []),
    ...(keyring === undefined && !named("BATON_KEYRING") ? ["BATON_KEYRING"] : []),
    ...(client === undefined && !named("BATON_ADMIN_KEY") ? ["BATON_ADMIN_KEY"] : []),
  ];
  return [
    ...faults.map(checkOfFault),
    ...(faults.length === 0 ? [passCheck("environment", "every variable that is set can be read")] : []),
    ...missing.map((name) => skipCheck(name, "not set here: what needs it is not looked at")),
  ];
}

function checkOfFault(fault: string): CheckResult {
  const [name = ""] = fault.split(/[: ]/, 1);
  return failCheck(name, fault.replace(`${name}: `, ""), "Correct it as it says: no process starts with it.");
}
