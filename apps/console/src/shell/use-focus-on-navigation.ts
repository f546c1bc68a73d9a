/** Where the focus goes when another page comes up. */
import { useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";

/**
 * useFocusOnNavigation moves the focus to `target` once another page is there, so that a keyboard and a screen reader
 * begin at its top; a change of a filter leaves it where it is.
 */
export function useFocusOnNavigation(target: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
        if (pathChanged && fromLocation !== undefined) target.current?.focus({ preventScroll: true });
      }),
    [router, target],
  );
}
