/** Readiness, as far as Redis has a say in it. */
import type { Pulse } from "./pulse.ts";
import type { RedisSettings } from "./redis-settings.ts";

/** MAX_CLOCK_OFFSET_MS: beyond it a process's deadlines and Redis's would tell different stories. */
export const MAX_CLOCK_OFFSET_MS = 1_000;

/** readinessOf says whether a process may be given work; `detail` is for an operator. */
export function readinessOf(
  pulse: Pick<Pulse, "up" | "offsetMs">,
  settings?: Pick<RedisSettings, "trouble">,
): { readonly ok: boolean; readonly detail: string } {
  if (!pulse.up) return { ok: false, detail: settings?.trouble ?? "Redis does not answer" };
  if (settings?.trouble !== undefined) return { ok: false, detail: settings.trouble };
  const offsetMs = Math.round(pulse.offsetMs);
  if (Math.abs(offsetMs) > MAX_CLOCK_OFFSET_MS) {
    return { ok: false, detail: `this machine's clock is ${-offsetMs} ms off Redis's; synchronise it` };
  }
  return { ok: true, detail: "ready" };
}
