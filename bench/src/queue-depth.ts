/** Queue depth, as admin's metrics tell it. */

/** QueueDepth is the jobs of all shards' queues, by state. */
export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
}

export async function queueDepth(adminUrl: string): Promise<QueueDepth> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const sum = (state: keyof QueueDepth) => {
    const rows = text.matchAll(new RegExp(`^baton_queue_depth\\{[^}]*state="${state}"[^}]*\\} (\\S+)$`, "gm"));
    return [...rows].reduce((total, [, value]) => total + Number(value), 0);
  };
  return { waiting: sum("waiting"), active: sum("active") };
}
