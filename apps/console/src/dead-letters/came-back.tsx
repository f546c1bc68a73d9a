/** A cause that came back. */
import type { Cause } from "../api/shapes.ts";
import { Instant } from "../ui/instant.tsx";

/** CameBack says of a cause that somebody had put aside since when it is open again by itself. */
export function CameBack({ cause: { reopenedAt } }: { readonly cause: Cause }) {
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
