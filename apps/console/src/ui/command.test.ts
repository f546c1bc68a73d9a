import { expect, it } from "vitest";
import { commandOf } from "./command.ts";

it("writes words, flags and values, and leaves out what is empty", () => {
  const options = { rate: 20, first: undefined, note: "", all: true, "include-unknown": false };
  expect(commandOf(["replays", "start"], options)).toBe("baton replays start --rate 20 --all");
});

it("keeps a value one word for a shell, whatever is in it", () => {
  expect(commandOf(["keys", "issue", "Ana, on call"], { note: "it's $HOME; `id`" })).toBe(
    "baton keys issue 'Ana, on call' --note 'it'\\''s $HOME; `id`'",
  );
});
