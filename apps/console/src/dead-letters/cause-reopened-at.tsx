/** A cause that came back. */
import type { Cause } from "../api/answer-types.ts";
import { Instant } from "../ui/instant.tsx";

/** CauseReopenedAt says since when a cause that was acknowledged or ignored is open again by itself. */
export function CauseReopenedAt({ cause: { reopenedAt } }: { readonly cause: Cause }) {
  if (reopenedAt === undefined) return null;
  return (
    <>
      {" · "}
      <strong>
        came back <Instant at={reopenedAt} as="distance" />
      </strong>
    </>
  );
}
