/** Deleting a connector, once nothing of it is queued or being sent. */
import { Refusal } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly connectors: {
    read(id: string): Promise<StoredConnector | undefined>;
    remove(before: StoredConnector): Promise<boolean>;
  };
  /** Keeps it from accepting more; false where handoffs are pending. */
  readonly closeConnector: (id: string) => Promise<boolean>;
}

/**
 * DeleteConnector throws Refusal `not-found` or `handoffs-pending`. Its dead letters stay for as long as they are kept.
 */
export type DeleteConnector = (id: string) => Promise<void>;

/**
 * createDeleteConnector closes a connector before it removes it, and begins again should somebody change it in between.
 */
export function createDeleteConnector({ connectors, closeConnector }: Deps): DeleteConnector {
  return async (id) => {
    for (;;) {
      const stored = await connectors.read(id);
      if (stored === undefined) throw notFound("connector", id);
      if (!(await closeConnector(id))) {
        throw new Refusal(
          "handoffs-pending",
          `${id} has handoffs queued or being sent; disable it, and let them end or cancel them`,
        );
      }
      if (await connectors.remove(stored)) return;
    }
  };
}
