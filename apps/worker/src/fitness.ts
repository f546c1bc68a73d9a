/** Fitness: a worker that is not ready takes nothing, and says so once. */
import type { Log } from "@baton/runtime";

interface Deps {
  readonly ready: () => { readonly ok: boolean; readonly detail: string };
  readonly log: Log;
}

/** createFitness gives a question to ask before each taking; it writes a line whenever the answer changes. */
export function createFitness({ ready, log }: Deps): () => boolean {
  let fit = true;
  return () => {
    const { ok, detail } = ready();
    if (ok !== fit) {
      if (ok) log.info({}, "takes handoffs again");
      else log.warn({ detail }, "takes no handoffs");
    }
    fit = ok;
    return ok;
  };
}
