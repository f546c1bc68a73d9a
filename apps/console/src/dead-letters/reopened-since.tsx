/** A cause that came back. */
import type { Cause } from "../api/shapes.ts";
import { Instant } from "../ui/instant.tsx";

/** ReopenedSince says since when a cause that was acknowledged or ignored is open again by itself. */
export function ReopenedSince({ cause: { reopenedAt } }: { readonly cause: Cause }) {
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
