import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { createLiveScreen, type ScreenLine } from "./live-screen.ts";

/** A terminal that remembers what is to be seen: it understands just what the screen writes. */
function setup({ isTTY, rows = 24, columns = 80 }: { isTTY: boolean; rows?: number; columns?: number }) {
  const seen: string[] = [""];
  const stream = {
    isTTY,
    rows,
    columns,
    write(text: string) {
      for (const part of text.split(/(\u001b\[\d*[AJK]|\n)/)) {
        const up = /^\u001b\[(\d+)A$/.exec(part);
        if (up !== null) {
          const from = seen.length - 1 - Number(up[1]);
          seen.splice(from, seen.length - from, "");
        } else if (part === "\n") seen.push("");
        else seen.push(`${seen.pop()}${stripVTControlCharacters(part)}`);
      }
      return true;
    },
  };
  return { screen: createLiveScreen(stream as unknown as NodeJS.WriteStream), seen };
}

function line(key: string, status: string): ScreenLine {
  return {
    key,
    text: `${key} ${status}`,
    mark: status === "sending" ? undefined : status,
    ended: status === "delivered",
  };
}

it("changes lines in place on a terminal", () => {
  const { screen, seen } = setup({ isTTY: true });
  screen.say("title");
  screen.show([line("a", "sending"), line("b", "queued")], "0 of 2");
  screen.show([line("a", "delivered"), line("b", "sending")], "1 of 2");
  expect(seen).toEqual(["title", "a delivered", "b sending", "", "1 of 2", ""]);
  screen.settle();
  screen.say("next");
  expect(seen).toEqual(["title", "a delivered", "b sending", "", "1 of 2", "next", ""]);
});

it("lets what has ended scroll away where a terminal is too low", () => {
  const { screen, seen } = setup({ isTTY: true, rows: 6 });
  const names = ["a", "b", "c", "d", "e"];
  screen.show(
    names.map((name) => line(name, "queued")),
    "0 of 5",
  );
  expect(seen).toEqual(["a queued", "b queued", "  … and 3 more", "", "0 of 5", ""]);
  screen.show(
    names.map((name) => line(name, name < "d" ? "delivered" : "queued")),
    "3 of 5",
  );
  expect(seen).toEqual(["a delivered", "b delivered", "c delivered", "d queued", "e queued", "", "3 of 5", ""]);
  screen.show(
    names.map((name) => line(name, "delivered")),
    "5 of 5",
  );
  expect(seen).toEqual(["a delivered", "b delivered", "c delivered", "d delivered", "e delivered", "", "5 of 5", ""]);
});

it("cuts lines that are wider than the terminal, so that each stays one", () => {
  const { screen, seen } = setup({ isTTY: true, columns: 10 });
  screen.show([line("a", "long enough to wrap")], "");
  expect(seen[0]).toBe("a long e…");
});

it("appends a line for each change where there is no terminal", () => {
  const { screen, seen } = setup({ isTTY: false });
  screen.show([line("a", "queued")], "");
  screen.show([line("a", "sending")], "");
  screen.show([line("a", "sending")], "");
  screen.show([line("a", "delivered")], "");
  expect(seen).toEqual(["a queued", "a delivered", ""]);
});
