/** A piece of a sentence, or a number, that leads to its rows. */
import { Link } from "@tanstack/react-router";
import type { LinkedText } from "./linked-text.ts";

export function LinkedTextView({ of: { text, to, search } }: { readonly of: LinkedText }) {
  if (to === undefined) return text;
  return (
    <Link to={to} {...(search === undefined ? {} : { search })}>
      {text}
    </Link>
  );
}
