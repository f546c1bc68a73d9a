/** What a command does where its output cannot be written. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createToken } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { runInShell } from "../testing/run-baton.ts";

it("goes on, and exits 0, where its stderr is closed", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ items: [] }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { BATON_ADMIN_URL: `http://127.0.0.1:${port}`, BATON_ADMIN_KEY: createToken("ba").token };
  const line = '{ { baton keys list 2>&1 >/dev/null 3>&-; echo "exit $?" >&3; } | true; } 3>&1';
  expect(await runInShell(line, { env })).toMatchObject({ stdout: "exit 0\n" });
});

it("says in a line that its output cannot be written, and exits 1", async () => {
  expect(await runInShell("baton keygen >/dev/full")).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^baton: the output cannot be written: ENOSPC.*\n$/),
  });
});
