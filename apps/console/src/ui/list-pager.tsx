/** Below a list that is read page by page: how much it shows, and the ways on. */
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "./button.tsx";
import { ListFooter, MutedText } from "./page-layout.tsx";

interface ListPagerProps {
  readonly shown: ReactNode;
  readonly to: NonNullable<LinkProps["to"]>;
  /** The address of this page: which list it is of, and the cursor where it is not the first. */
  readonly search: { readonly [name: string]: string | undefined; readonly cursor?: string | undefined };
  /** Where the next page begins; undefined on the last. */
  readonly nextCursor: string | undefined;
  /** What the ways are called, where the list is not by time. */
  readonly words?: { readonly newest: string; readonly older: string };
}

const BY_TIME = { newest: "Newest", older: "Older" } as const;

export function ListPager({ shown, to, search, nextCursor, words = BY_TIME }: ListPagerProps) {
  return (
    <ListFooter>
      <MutedText>{shown}</MutedText>
      <span>
        {search.cursor !== undefined && (
          <ButtonLink to={to} search={{ ...search, cursor: undefined }}>
            {words.newest}
          </ButtonLink>
        )}{" "}
        {nextCursor !== undefined && (
          <ButtonLink to={to} search={{ ...search, cursor: nextCursor }}>
            {words.older}
          </ButtonLink>
        )}
      </span>
    </ListFooter>
  );
}
