/** A piece of a sentence, or a number, that leads to its rows. */
import { Link } from "@tanstack/react-router";
import type { Part } from "./headline.ts";

export function PartView({ of: { text, to, search } }: { readonly of: Part }) {
  if (to === undefined) return text;
  return (
    <Link to={to} {...(search === undefined ? {} : { search })}>
      {text}
    </Link>
  );
}
