/** A collector that reads each export to its end, counts its spans, and keeps nothing. */
import { createServer } from "node:http";

let spans = 0;

createServer((request, response) => {
  if (request.method === "GET") return void response.end(JSON.stringify({ spans }));
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    spans += Buffer.concat(chunks).toString("latin1").split('"startTimeUnixNano"').length - 1;
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
}).listen(Number(process.env.PORT), "127.0.0.1", () => process.stdout.write('{"msg":"listening"}\n'));
