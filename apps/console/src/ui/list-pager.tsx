/** Below a list that is read page by page: how much it shows, and the ways on. */
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "./button.tsx";
import { ListFooter, MutedText } from "./page-layout.tsx";

interface ListPagerProps {
  readonly shown: ReactNode;
  /** Where the first page is; undefined on it. */
  readonly newest: LinkProps | undefined;
  /** Where the next page is; undefined on the last. */
  readonly older: LinkProps | undefined;
  /** What the ways are called, where the list is not by time. */
  readonly words?: { readonly newest: string; readonly older: string };
}

const BY_TIME = { newest: "Newest", older: "Older" } as const;

export function ListPager({ shown, newest, older, words = BY_TIME }: ListPagerProps) {
  return (
    <ListFooter>
      <MutedText>{shown}</MutedText>
      <span>
        {newest !== undefined && <ButtonLink {...newest}>{words.newest}</ButtonLink>}{" "}
        {older !== undefined && <ButtonLink {...older}>{words.older}</ButtonLink>}
      </span>
    </ListFooter>
  );
}
