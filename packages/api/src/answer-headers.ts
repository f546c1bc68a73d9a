/** The headers of answers, as OpenAPI shows them. */
import { z } from "zod";

/** locationHeader is the path of what was made or accepted. */
export const locationHeader = z.string().meta({
  description: "The path under which it can be read.",
  header: { id: "Location" },
  examples: ["/v1/handoffs/ho_0001JD9X5T2M7Q4RZK8WVNB3CY"],
});

/** idempotentReplayedHeader tells a repeat from the first time. */
export const idempotentReplayedHeader = z
  .literal("true")
  .exactOptional()
  .meta({
    description: "The idempotency key was known: nothing new was accepted.",
    header: { id: "IdempotentReplayed" },
  });

/** preferenceAppliedHeader answers `Prefer`. */
export const preferenceAppliedHeader = z
  .string()
  .exactOptional()
  .meta({
    description: "The wait that was honoured, at most 30 s; absent where none was asked for.",
    header: { id: "PreferenceApplied" },
    examples: ["wait=10"],
  });

/** noStoreHeader goes with secrets that are shown once. */
export const noStoreHeader = z
  .literal("no-store")
  .meta({ description: "Nobody on the way may keep it.", header: { id: "CacheControl" } });
