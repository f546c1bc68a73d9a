/** A name server on loopback that answers what a test says, and stays silent where it says so. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** How a name is answered: with an address and a time to live, without IPv6 or with silence there; or not at all. */
export type NameAnswer = { readonly address: string; readonly ttl?: number; readonly ipv6?: "silent" } | "silent";

const TYPE_A = 1;
const NOT_FOUND = 3;
const HEADER_BYTES = 12;

/** startNameServer answers `names`; any other is not there. `asked` lists the questions, `A name` or `AAAA name`. */
export async function startNameServer(names: Readonly<Record<string, NameAnswer>>) {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const { name, type, end } = readQuestion(query);
    asked.push(`${type === TYPE_A ? "A" : "AAAA"} ${name}`);
    const answer = names[name];
    if (answer === "silent" || (type !== TYPE_A && answer?.ipv6 === "silent")) return;
    const record =
      answer !== undefined && type === TYPE_A ? writeRecord(answer.address, answer.ttl ?? 60) : Buffer.alloc(0);
    const header = Buffer.from(query.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(0x8180 | (answer === undefined ? NOT_FOUND : 0), 2);
    header.writeUInt16BE(record.length === 0 ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(HEADER_BYTES, end), record]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** writeRecord: the name by reference to the question, type A, class IN. */
function writeRecord(address: string, ttl: number): Buffer {
  const record = Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    TYPE_A,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    4,
    ...address.split(".").map(Number),
  ]);
  record.writeUInt32BE(ttl, 6);
  return record;
}
