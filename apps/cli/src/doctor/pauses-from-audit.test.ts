import type { AuditEntryJson, Overview } from "@baton/api";
import { expect, it } from "vitest";
import { describePausesFromAudit, EVERYTHING } from "./pauses-from-audit.ts";

function entry(change: Partial<AuditEntryJson>): AuditEntryJson {
  const actor = { id: "k1", name: "Ana, on call" };
  return { id: "au_1", at: "2026-11-29T09:00:00.000Z", action: "connector.pause", actor, outcome: "done", ...change };
}

/** Reads the pauses of an overview with these connectors paused, from an audit with these entries. */
async function read(entries: Readonly<Record<string, readonly AuditEntryJson[]>>, { paused = false } = {}) {
  const connectors = Object.keys(entries).map((id) => ({ id, paused: true }));
  const overview = { paused, connectors: [...connectors, { id: "cn_well", paused: false }] } as unknown as Overview;
  const audit = async ({ id = EVERYTHING }: { id?: string } = {}) => {
    if (entries[id] === undefined) throw new Error(`${id} is not to be asked about`);
    return { items: entries[id] };
  };
  return await describePausesFromAudit({ audit }, overview);
}

it("says since when and by whom, with the note", async () => {
  const pauses = await read({
    cn_1: [
      entry({ action: "connector.verify" }),
      entry({ note: "CXone's maintenance" }),
      entry({ at: "2026-01-01T00:00:00.000Z" }),
    ],
  });
  expect(pauses.get("cn_1")).toMatch(/^since 2026-11-29T09:00:00\.000Z \(.*\) by Ana, on call: "CXone's maintenance"$/);
});

it("knows a pause that was made by a change, and not one that was refused", async () => {
  const changed = entry({ action: "connector.change", members: ["/name", "/paused"], actor: { id: "k2", name: "Bo" } });
  const pauses = await read({
    cn_1: [entry({ outcome: "refused" }), entry({ action: "connector.change", members: ["/name"] }), changed],
  });
  expect(pauses.get("cn_1")).toContain("by Bo");
});

it("says nothing where the audit has nothing, or may not be read", async () => {
  expect(await read({ cn_1: [] }, { paused: true })).toEqual(new Map());
});
