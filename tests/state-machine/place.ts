/** Where a handoff's job lies in Redis, and whether everything else agrees with its state and its place. */
import type { RedisConnection } from "@baton/redis/connection";

/** PLACES of a live handoff; docs/state-machine.md says what each means. */
export const PLACES = ["unplaced", "timed", "ready", "active", "parked", "behind another"] as const;
export type Place = (typeof PLACES)[number];

/** BullMQ's score of a job that is delayed to this moment. */
const SCORE_PER_MS = 4_096;

/** What puts an item of a run behind every live handoff of its contact. Microseconds. */
const AFTER_LIVE = 4e15;

export interface Located {
  readonly redis: RedisConnection;
  readonly tag: string;
  readonly id: string;
  readonly connectorId: string;
  readonly contactId: string;
}

type Record = Readonly<{ [field in string]?: string }>;

/** recordOf gives the record's fields as Redis holds them; undefined where there is none. */
export async function recordOf({ redis, tag, id }: Pick<Located, "redis" | "tag" | "id">): Promise<Record | undefined> {
  const record = await redis.hgetall(`${tag}:h:${id}`);
  return Object.keys(record).length === 0 ? undefined : record;
}

/** placeOf gives a live handoff's place. Throws where its job lies in none, or in two. */
export async function placeOf(located: Located): Promise<Place> {
  const found = await placesOf(located, (await recordOf(located)) ?? {});
  const [place, ...more] = found;
  if (place === undefined || more.length > 0)
    throw new Error(`${located.id} has these places: ${found.join(", ") || "none"}`);
  return place;
}

async function placesOf(located: Located, record: Record): Promise<readonly Place[]> {
  const { redis, tag, id, connectorId } = located;
  const job = `${id}-${record.gen}`;
  const queue = `${tag}:handoffs`;
  const at = await redis.zscore(`${queue}:delayed`, job);
  const isParked = (await redis.zscore(`${tag}:${parkedList(record)}:${connectorId}`, id)) !== null;
  const isLocked = (await redis.exists(`${queue}:${job}:lock`)) === 1;
  const isPastDeadline = Number(at) === (Number(record.dl) + 1) * SCORE_PER_MS;
  const found: Place[] = [];
  if ((await redis.exists(`${queue}:${job}`)) === 0 && at === null) found.push("unplaced");
  if ((await redis.lpos(`${queue}:wait`, job)) !== null) found.push("ready");
  if ((await redis.lpos(`${queue}:active`, job)) !== null && (isLocked || record.st === "sending"))
    found.push("active");
  if (isPastDeadline) found.push(isParked ? "parked" : "behind another");
  else if (at !== null) found.push("timed");
  return found;
}

/** parkedList: items of runs have a list of their own. */
function parkedList({ rp }: Record): string {
  return rp ? "parked-replays" : "parked";
}

/** flawsOf names everything in Redis that contradicts the handoff's state and place: none is expected. */
export async function flawsOf(located: Located): Promise<readonly string[]> {
  const { redis, tag, id, connectorId, contactId } = located;
  const record = await recordOf(located);
  const state = record?.st ?? "none";
  const isLive = state === "queued" || state === "sending";
  const place = isLive ? await placeOf(located) : undefined;
  const job = `${id}-${record?.gen}`;
  const [due, deadline] = [Number(record?.due), Number(record?.dl)];
  const isPastDeadline = place === "parked" || place === "behind another";
  const isTried = Number(record?.total ?? 0) > Number(record?.was ?? 0) || (record?.wk ?? "") !== "";
  // Once its moment has come, it may stay there until it is begun: those past it are not counted.
  const isPast = isTried && (place === "ready" || place === "parked");
  const first = Math.floor(Number(record?.ls) / 1_000);
  const isItem = Boolean(record?.rp);
  const score = async (key: string, member: string) => {
    const text = await redis.zscore(tag + key, member);
    return text === null ? undefined : Number(text);
  };
  const checks: readonly (readonly [name: string, found: unknown, expected: unknown])[] = [
    [
      "due",
      await score(":due", id),
      live(isLive, state === "sending" ? Number(record?.until) + 2_000 : isPastDeadline ? deadline + 1 : due),
    ],
    ["queued", await score(`:queued:${connectorId}`, id), live(state === "queued" && !isItem, first)],
    ["deadlines", await score(`:deadlines:${connectorId}`, id), live(state === "queued" && !isItem, deadline)],
    ["queued items", await score(`:queued-replays:${connectorId}`, id), live(state === "queued" && isItem, due)],
    [
      "retries",
      isPast ? undefined : await score(`:retries:${connectorId}`, id),
      live(state === "queued" && place === "timed" && isTried && !isItem, due),
    ],
    [
      "parked",
      await score(`:${parkedList(record ?? {})}:${connectorId}`, id),
      live(place === "parked", Math.max(Number(record?.ls), due * 1_000)),
    ],
    ["sending", await score(":sending", `${id}:${connectorId}`), live(state === "sending", Number(record?.until))],
    [
      "contact's queue",
      await score(`:contact:${connectorId}:${contactId}`, id),
      live(isLive, state === "sending" ? 0 : Number(record?.ls) + (isItem ? AFTER_LIVE : 0)),
    ],
    ["ended", (await score(":ended", id)) !== undefined, ["delivered", "cancelled", "discarded"].includes(state)],
    ["dead", (await score(":dead", id)) !== undefined, state === "dead"],
    ["dead of its connector", (await score(`:dead:c:${connectorId}`, id)) !== undefined, state === "dead"],
    ["all", (await score(":all", id)) !== undefined, state !== "none"],
    ["parameters", await redis.exists(`${tag}:p:${id}`), isLive || state === "dead" ? 1 : 0],
    ["job of a dead letter", await redis.exists(`${tag}:dead-letters:${job}`), state === "dead" ? 1 : 0],
    ["place of a dead letter", (await score(":dead-letters:prioritized", job)) !== undefined, state === "dead"],
    ["job", await redis.exists(`${tag}:handoffs:${job}`), isLive && place !== "unplaced" ? 1 : 0],
    ["connector is armed", place !== "parked" || (await score(":gates", connectorId)) !== undefined, true],
  ];
  return checks
    .filter(([, found, expected]) => found !== expected)
    .map(([name, found, expected]) => `${name}: ${found}, not ${expected}`);
}

function live(isThere: boolean, score: number): number | undefined {
  return isThere ? score : undefined;
}
