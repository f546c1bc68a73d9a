/** The doctor on Baton's processes: are they reached, ready, and of one version? */
import { describeError } from "../command-errors.ts";
import { VERSION } from "../version.ts";
import { type CheckResult, FAULT, type FaultLinks, failCheck, passCheck, skipCheck } from "./check-result.ts";
import type { Address, EnvironmentForChecks } from "./environment-for-checks.ts";

/** A process answers its probes within 500 ms; the rest is for the network. Milliseconds. */
const PROBE_MS = 5_000;

/** By the detail of readiness, without the code behind it. */
const READY: Readonly<Record<string, string>> = {
  "Redis does not answer": "See Redis; the process gets over it by itself.",
  "the process is closing": "It is stopping: start it again, or wait for the one that takes its place.",
};

/** FOLLOWS is what a process that is not ready may say, and which finding explains it. */
const FOLLOWS = [
  [/does not answer|password|TLS|lacks a right/i, FAULT.redis],
  [/redis|maxmemory|evict|replica/i, FAULT.settings],
  [/clock/i, FAULT.clock],
] as const;

/** checkProcessReadiness asks admin, ingress and worker, each where it may be. */
export async function checkProcessReadiness({
  admin,
  ingress,
  worker,
  client,
}: EnvironmentForChecks): Promise<readonly CheckResult[]> {
  return await Promise.all([
    // Where a key is given, an admin is expected.
    probeReadiness("admin", admin && { ...admin, isNamed: admin.isNamed || client !== undefined }),
    probeReadiness("ingress", ingress),
    // Every machine has the worker's port in its environment, and few have a worker.
    probeReadiness("worker", worker && { ...worker, isNamed: false }),
  ]);
}

async function probeReadiness(name: string, address: Address | undefined): Promise<CheckResult> {
  if (address === undefined) return skipCheck(name, "it has no address that is known here");
  const { url, isNamed } = address;
  try {
    const response = await fetch(new URL("readyz", `${url}/`), {
      signal: AbortSignal.timeout(PROBE_MS),
      redirect: "error",
    });
    return response.ok
      ? createReadyCheck(name, url, await readVersion(url))
      : await createNotReadyCheck(name, url, response);
  } catch (error) {
    if (!isNamed) return skipCheck(name, `none is reached at ${url}; it may be elsewhere`);
    const detail = describeError(new Error(`${url} is not reached`, { cause: error })) ?? url;
    return failCheck(
      name,
      detail,
      `Start \`baton ${name}\`, or correct BATON_${name.toUpperCase()}_URL (or _PORT); look at the firewall between.`,
      faultLinksOf(name),
    );
  }
}

/** Without its admin, or without a worker here, no other finding about them holds. */
function faultLinksOf(name: string): FaultLinks {
  return name === "admin" ? { faults: [FAULT.admin] } : {};
}

async function createNotReadyCheck(name: string, url: string, response: Response): Promise<CheckResult> {
  const problem: unknown = await response.json().catch(() => undefined);
  const isProblem =
    typeof problem === "object" && problem !== null && "detail" in problem && typeof problem.detail === "string";
  const detail = isProblem ? String(problem.detail) : `HTTP ${response.status}, which is no answer of Baton's`;
  const remedy =
    READY[detail.replace(/ \([A-Z_]+\)$/, "")] ??
    (isProblem
      ? "It says itself what is wrong; until then it is given no work."
      : "Correct its address: something else listens there.");
  const follows = FOLLOWS.flatMap(([words, fault]) => (words.test(detail) ? [fault] : []));
  return failCheck(name, `${url} is not ready: ${detail}`, remedy, { ...faultLinksOf(name), follows });
}

/** readVersion reads `baton_build_info`; undefined where metrics are not public. */
async function readVersion(url: string): Promise<string | undefined> {
  const response = await fetch(new URL("metrics", `${url}/`), {
    signal: AbortSignal.timeout(PROBE_MS),
    redirect: "error",
  });
  return /^baton_build_info\{.*version="([^"]*)"/m.exec(await response.text())?.[1];
}

function createReadyCheck(name: string, url: string, version: string | undefined): CheckResult {
  if (version === undefined) return passCheck(name, `${url} is ready`);
  return passCheck(
    name,
    `${url} is ready, version ${version}${version === VERSION ? "" : `; this command is ${VERSION}`}`,
  );
}
