/** Where the focus goes when what had it is taken off the page. */
import { useEffect } from "react";

/** A dialog that closes gives the focus back by itself within so long. Milliseconds. */
const SETTLED_MS = 100;

/**
 * useRestoreLostFocus puts the focus on the nearest element around what had it, once that is gone, hidden or disabled:
 * the next Tab then leads to what stands there now, not to the top of the page.
 */
export function useRestoreLostFocus(): void {
  useEffect(() => {
    const { remember, leave, look, stop } = createFocusRestorer();
    document.addEventListener("focusin", remember);
    document.addEventListener("focusout", leave);
    const changes = new MutationObserver(look);
    changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled", "style"] });
    return () => {
      stop();
      changes.disconnect();
      document.removeEventListener("focusin", remember);
      document.removeEventListener("focusout", leave);
    };
  }, []);
}

function createFocusRestorer() {
  /** What had the focus last, and all around it, from the inside out. */
  let path: readonly HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = () => {
    timer = undefined;
    const [had, ...around] = path;
    if (had === undefined || hasFocus()) return;
    // One who clicks beside everything has left it.
    if (canHaveFocus(had)) path = [];
    else focusOn(around.find(isShown) ?? document.getElementById("main"));
  };
  const look = () => {
    if (path.length > 0 && !hasFocus()) timer ??= setTimeout(settle, SETTLED_MS);
  };
  return {
    remember: ({ target }: Event) => {
      path = elementAndAncestors(target);
    },
    // The focus has not gone to another element yet.
    leave: () => queueMicrotask(look),
    look,
    stop: () => clearTimeout(timer),
  };
}

function elementAndAncestors(target: EventTarget | null): readonly HTMLElement[] {
  const path: HTMLElement[] = [];
  let each = target instanceof HTMLElement ? target : null;
  for (; each !== null && each !== document.body; each = each.parentElement) path.push(each);
  return path;
}

function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}

function canHaveFocus(element: HTMLElement): boolean {
  return isShown(element) && !element.matches(":disabled");
}

function isShown(element: HTMLElement): boolean {
  return element.isConnected && element.checkVisibility();
}

/** focusOn gives the focus to an element that has no place among the stops of the Tab key. */
function focusOn(element: HTMLElement | null): void {
  if (element?.hasAttribute("tabindex") === false) {
    element.tabIndex = -1;
    element.addEventListener("blur", () => element.removeAttribute("tabindex"), { once: true });
  }
  element?.focus({ preventScroll: true });
}
