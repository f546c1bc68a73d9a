/** The keyboard's shortcuts, and the switch that turns them off. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { areLiveUpdatesPaused, setLiveUpdatesPaused } from "../live/live-updates-pause.ts";

/** SHORTCUT_PLACES are the second keys of `g …`, and where each leads. */
export const SHORTCUT_PLACES: Readonly<Record<string, { readonly to: string; readonly title: string }>> = {
  o: { to: "/", title: "Overview" },
  d: { to: "/dead-letters", title: "Dead letters" },
  h: { to: "/handoffs", title: "Handoffs" },
  r: { to: "/runs", title: "Runs" },
  c: { to: "/connectors", title: "Connectors" },
  a: { to: "/audit", title: "Audit" },
  k: { to: "/keys", title: "Keys" },
};

/** The second key must follow so soon. Milliseconds. */
const CHORD_MS = 1_500;
const STORAGE_KEY = "baton-shortcuts";

/** ShortcutsSwitch turns all shortcuts on or off; the browser remembers it. */
export interface ShortcutsSwitch {
  readonly on: boolean;
  readonly turn: (on: boolean) => void;
}

/** useShortcuts listens to the keyboard, except where something is typed or a dialog is open. */
export function useShortcuts(onHelp: () => void): ShortcutsSwitch {
  const navigate = useNavigate();
  const [on, setOn] = useState(() => window.localStorage.getItem(STORAGE_KEY) !== "off");
  const chordAt = useRef(0);
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTypingOrInDialog(event.target)) return;
      const place = event.timeStamp - chordAt.current < CHORD_MS ? SHORTCUT_PLACES[event.key] : undefined;
      chordAt.current = event.key === "g" ? event.timeStamp : 0;
      if (place !== undefined) void navigate({ to: place.to });
      else if (event.key === "?") onHelp();
      else if (event.key === "p") setLiveUpdatesPaused(!areLiveUpdatesPaused());
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [on, navigate, onHelp]);
  const turn = (next: boolean) => {
    window.localStorage.setItem(STORAGE_KEY, next ? "on" : "off");
    setOn(next);
  };
  return { on, turn };
}

function isTypingOrInDialog(target: EventTarget | null): boolean {
  const inField =
    target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
  return inField || document.querySelector("[role=dialog]") !== null;
}
