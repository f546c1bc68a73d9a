/** A piece of a sentence, or a number, that leads to its rows where it has any. */
import { Link } from "@tanstack/react-router";
import type { TextOrLink } from "./text-or-link.ts";

export function TextOrLinkView({ of: { text, to, search } }: { readonly of: TextOrLink }) {
  if (to === undefined) return text;
  return (
    <Link to={to} {...(search === undefined ? {} : { search })}>
      {text}
    </Link>
  );
}
