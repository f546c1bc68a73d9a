/** Readiness, as far as Redis has a say in it. */
import { describeMissingRight, type RequiredSettings, type SettingsFault } from "@baton/redis/required-settings";
import type { Heartbeat } from "./process-heartbeat.ts";

/** MAX_CLOCK_OFFSET_MS: beyond it a process's deadlines and Redis's would differ. */
export const MAX_CLOCK_OFFSET_MS = 1_000;

/** RedisReadiness says whether a process may be given work; `detail` says why not, and what would help. */
export type RedisReadiness =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly reason: "redis" | "settings" | "clock"; readonly detail: string };

/** judgeRedisReadiness judges by the last heartbeat, and where there are `settings` by the last look at those. */
export function judgeRedisReadiness(
  heartbeat: Pick<Heartbeat, "up" | "offsetMs" | "failure" | "shardsFault">,
  settings?: Pick<RequiredSettings, "trouble" | "failure">,
): RedisReadiness {
  const trouble = settings?.trouble ?? describeMissingRight(heartbeat.failure) ?? heartbeat.shardsFault;
  if (trouble !== undefined) return { ok: false, reason: "settings", detail: trouble };
  if (!heartbeat.up) return { ok: false, reason: "redis", detail: detailOf(heartbeat.failure, settings?.failure) };
  const offsetMs = Math.round(heartbeat.offsetMs);
  if (Math.abs(offsetMs) > MAX_CLOCK_OFFSET_MS) {
    return {
      ok: false,
      reason: "clock",
      detail: `this machine's clock is ${-offsetMs} ms off Redis's; synchronise it`,
    };
  }
  return { ok: true, detail: "ready" };
}

/**
 * startReadinessChecks starts both, and gives the faults that must keep a process from starting. Where there is none,
 * it calls `onReadiness` now and after each heartbeat.
 */
export async function startReadinessChecks(
  heartbeat: Heartbeat,
  settings: RequiredSettings,
  onReadiness: (readiness: RedisReadiness) => void,
): Promise<readonly SettingsFault[]> {
  await heartbeat.start();
  const faults = [...(await settings.start()), ...(heartbeat.shardsFault === undefined ? [] : [heartbeat.shardsFault])];
  if (faults.length > 0) return faults;
  const report = () => onReadiness(judgeRedisReadiness(heartbeat, settings));
  heartbeat.onHeartbeat(report);
  report();
  return [];
}

/** detailOf names the code that a connection failed with, or that Redis answered, such as LOADING or OOM. */
function detailOf(failure: unknown, connectionFailure: string | undefined): string {
  const message = failure instanceof Error && failure.name === "ReplyError" ? failure.message : "";
  const [, answer] = /^([A-Z]+) /.exec(message) ?? [];
  if (answer !== undefined) return `Redis takes no commands (${answer})`;
  return connectionFailure === undefined ? "Redis does not answer" : `Redis does not answer (${connectionFailure})`;
}
