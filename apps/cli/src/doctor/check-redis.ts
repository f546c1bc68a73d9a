/** The doctor on Redis: its settings, its memory, what it says of its own health, and its clock. */
import {
  isRedisUnavailable,
  openRedis,
  type RedisConnection,
  type RedisTarget,
  waitForConnection,
} from "@baton/redis/connection";
import { diagnoseRedisConnection } from "@baton/redis/connection-diagnosis";
import { checkRedisSettings, describeMissingRight, describeRefusedLogin } from "@baton/redis/required-settings";
import { type RedisServerReport, readRedisReport } from "@baton/redis/server-report";
import { MAX_CLOCK_OFFSET_MS } from "@baton/registry/check-redis-readiness";
import { Heartbeat } from "@baton/registry/process-heartbeat";
import { pluralize } from "../number-format.ts";
import { type CheckResult, checkOfError, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";

/** MIN_MAJOR is the first version that Baton is tested with; earlier ones do not have what its scripts use. */
const MIN_MAJOR = 7;
/** NEARLY_FULL: above this share of the memory a burst may fill the rest before an operator looks again. */
const NEARLY_FULL = 0.8;

/** checkRedis asks every master, and every sentinel. */
export async function checkRedis(
  access: DoctorRedis | undefined,
  isReplicated: boolean,
): Promise<readonly CheckResult[]> {
  if (access === undefined)
    return [skipCheck("Redis", "BATON_REDIS_URL is not given: settings, memory and health are not looked at")];
  const { redis, target } = access;
  try {
    const report = await readRedisReport(redis, target);
    return [
      ...report.masters.flatMap(checkRedisVersionAndMemory),
      ...(await checkSettings(redis, isReplicated)),
      ...report.troubles.map((trouble) => failCheck(report.kind, trouble, REPAIR, { faults: [FAULT.settings] })),
      ...(report.readySentinels > 0
        ? [passCheck("sentinel", `${report.readySentinels} would make another server the master, should this one fail`)]
        : []),
    ];
  } catch (error) {
    const login = describeRefusedLogin(access.lastError()) ?? describeRefusedLogin(error);
    if (login !== undefined) return [failCheck("Redis", login, LOGIN, { faults: [FAULT.redis] })];
    const fault = describeMissingRight(error) ?? (await diagnoseRedisConnection(target));
    if (fault !== undefined) return [checkOfFinding(fault, { what: "Redis", fault: FAULT.redis })];
    if (!isRedisUnavailable(error)) return [checkOfError("Redis", error)];
    const reason = access.lastError() ?? error;
    const words = reason instanceof Error ? reason.message || reason.name : String(reason);
    return [failCheck("Redis", `it does not answer (${words})`, AWAY, { faults: [FAULT.redis] })];
  }
}

/** checkSettings asks every master for its settings. One that hangs is a trouble of the report. */
async function checkSettings(redis: RedisConnection, isReplicated: boolean): Promise<readonly CheckResult[]> {
  try {
    const { faults, troubles, warnings } = await checkRedisSettings(redis, isReplicated);
    const settings = [...faults, ...troubles, ...warnings];
    if (settings.length > 0)
      return settings.map((finding) => checkOfFinding(finding, { what: "settings", fault: FAULT.settings }));
    return [passCheck("settings", "nothing is evicted, an append-only file is kept, writes are taken")];
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    return [skipCheck("settings", "not every master answers")];
  }
}

const LOGIN = "Correct BATON_REDIS_URL; its password is Redis's `requirepass`, or a user's of its ACL.";
const AWAY =
  "Start Redis, or correct BATON_REDIS_URL. Baton answers 503 until it is back, and loses nothing that was accepted.";
const REPAIR =
  "Bring back the servers that are down; `redis-cli --cluster check` or `redis-cli SENTINEL CKQUORUM` says more.";

/** checkClockAgainstRedis compares this machine's clock with Redis's. */
export async function checkClockAgainstRedis(
  access: DoctorRedis | undefined,
  namespace: string | undefined,
): Promise<readonly CheckResult[]> {
  if (access === undefined || namespace === undefined) {
    return [
      skipCheck("this machine", "BATON_REDIS_URL is not given; /readyz says whether the processes' clocks are right"),
    ];
  }
  const heartbeat = new Heartbeat(access.redis, { namespace });
  await heartbeat.send();
  if (!heartbeat.up) return [skipCheck("this machine", "Redis does not answer")];
  const offsetMs = -Math.round(heartbeat.offsetMs);
  const detail = `${Math.abs(offsetMs)} ms ${offsetMs < 0 ? "behind" : "ahead of"} Redis's`;
  if (Math.abs(offsetMs) <= MAX_CLOCK_OFFSET_MS) return [passCheck("this machine", detail)];
  return [
    failCheck(
      "this machine",
      detail,
      "Synchronise the clocks of this machine and of Redis's (NTP): no process whose clock is off by over 1 s is ready.",
      { faults: [FAULT.clock] },
    ),
  ];
}

/** checkRedisVersionAndMemory judges one master by its version and its memory. */
export function checkRedisVersionAndMemory({
  address,
  version,
  usedBytes,
  limitBytes,
  replicas,
}: RedisServerReport): readonly CheckResult[] {
  const share = limitBytes === 0 ? 0 : usedBytes / limitBytes;
  const memory =
    limitBytes === 0
      ? `${mebibytes(usedBytes)} used, without a limit of its own`
      : `${mebibytes(usedBytes)} of ${mebibytes(limitBytes)} used`;
  const state = `version ${version}; ${pluralize(replicas, "replica")}`;
  return [
    Number.parseInt(version, 10) < MIN_MAJOR
      ? failCheck(address, state, `Upgrade it: Baton is tested with Redis ${MIN_MAJOR} and newer.`)
      : passCheck(address, state),
    share >= NEARLY_FULL
      ? failCheck(
          "memory",
          `${address}: ${memory}`,
          "Raise maxmemory, or keep less: BATON_RETENTION_DEAD and BATON_RETENTION_ENDED. A full Redis accepts no handoff.",
        )
      : passCheck("memory", `${address}: ${memory}`),
  ];
}

/** checkOfFinding parts `what is wrong; what to do`. */
function checkOfFinding(
  finding: string,
  { what, fault }: { readonly what: string; readonly fault: string },
): CheckResult {
  const [wrong = "", ...todo] = finding.replace(/^BATON_REDIS_URL: /, "").split("; ");
  return failCheck(what, wrong, asSentence(todo.join("; ")), { faults: [fault] });
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576).toLocaleString("en-GB")} MiB`;
}

/** DoctorRedis is open, whether or not Redis answers; `lastError` is what the connection itself last failed of. */
export interface DoctorRedis {
  readonly redis: RedisConnection;
  readonly target: RedisTarget;
  lastError(): Error | undefined;
  close(): void;
}

/** connectToRedis waits until the connection is there, or known to be late. */
export async function connectToRedis(target: RedisTarget): Promise<DoctorRedis> {
  let last: Error | undefined;
  const redis = openRedis(target, "scripts").on("error", (error: Error) => {
    last = error;
  });
  await waitForConnection(redis);
  return { redis, target, lastError: () => last, close: () => redis.disconnect() };
}
