/** Below a list that is read page by page, the newest first: how much it shows, and the ways on. */
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ButtonLink } from "./button.tsx";
import { Muted, Pager } from "./page.tsx";

interface ListPagerProps {
  readonly shown: ReactNode;
  /** Where the first page is; undefined on it. */
  readonly newest: LinkProps | undefined;
  /** Where the next page is; undefined on the last. */
  readonly older: LinkProps | undefined;
}

export function ListPager({ shown, newest, older }: ListPagerProps) {
  return (
    <Pager>
      <Muted>{shown}</Muted>
      <span>
        {newest !== undefined && <ButtonLink {...newest}>Newest</ButtonLink>}{" "}
        {older !== undefined && <ButtonLink {...older}>Older</ButtonLink>}
      </span>
    </Pager>
  );
}
