import { expect, it } from "vitest";
import { setup, useRedis } from "../testing/world.ts";

useRedis();

/** REFUSED is the answer to a cursor of another list. */
const REFUSED = { status: 400, detail: expect.stringContaining("belongs to another list"), pointer: "/cursor" };

/** setupLists starts an admin whose lists all have a second page, and gives their paths. */
async function setupLists() {
  const world = await setup();
  const { client, connect, die } = world;
  const [first, second] = [await connect(), await connect()];
  const runs: string[] = [];
  for (const connector of [first, first, second]) await die(connector);
  await die(second, { reason: "exhausted", outcome: { kind: "unavailable", httpStatus: 503, detail: "busy" } });
  for (const kind of ["replay", "replay", "discard", "discard"] as const) {
    runs.push((await client.startRun(kind, { all: true, note: "repaired" })).id);
  }
  for (const { id } of [first, first, second, second]) {
    await client.createToken(id);
    await client.createScreenPopKey(id);
  }
  for (const name of ["Ana", "Ben"]) await client.createAdminKey({ name, role: "viewer" });
  return { ...world, paths: pathsOf({ first: first.id, second: second.id, runs }) };
}

function pathsOf({ first, second, runs }: { first: string; second: string; runs: readonly string[] }) {
  return [
    ...["handoffs", "dead-letters", "connectors", "audit", "keys", "replays", "discards"],
    ...["dead-letters/causes?sort=count", "dead-letters/causes?sort=latest"],
    ...[first, second].flatMap((id) => [`connectors/${id}/tokens`, `connectors/${id}/screen-pop-keys`]),
    ...[`replays/${runs[0]}/items`, `replays/${runs[1]}/items`, `discards/${runs[2]}/items`],
  ].map((path) => `/admin/v1/${path}${path.includes("?") ? "&" : "?"}limit=1`);
}

it("takes a list's own cursor, and refuses those of every other list in words", async () => {
  const { call, paths } = await setupLists();
  const cursors = new Map<string, string>();
  for (const path of paths) cursors.set(path, (await call("GET", path)).body.nextCursor);
  for (const path of paths) {
    for (const [from, cursor] of cursors) {
      expect(cursor, from).toBeTypeOf("string");
      const { status, body } = await call("GET", `${path}&cursor=${cursor}`);
      if (from === path) expect(status, path).toBe(200);
      else
        expect({ status, detail: body.detail, pointer: body.errors?.[0].pointer }, `${from} to ${path}`).toEqual(
          REFUSED,
        );
    }
  }
});
