/** What stands around every page: the way to the others, who is signed in, and the switches. */
import { Link, Outlet } from "@tanstack/react-router";
import { Cable, Inbox, KeyRound, LayoutDashboard, ListChecks, type LucideIcon, ScrollText, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { createLazyComponent, loadAllLazyComponents } from "../ui/lazy-component.tsx";
import styles from "./shell.module.css";
import { SidebarFooter } from "./sidebar-footer.tsx";
import { useFocusOnNavigation } from "./use-focus-on-navigation.ts";
import { useRestoreLostFocus } from "./use-restore-lost-focus.ts";
import { useShortcuts } from "./use-shortcuts.ts";

/** What the first page asks for comes before what is not wanted yet. Milliseconds. */
const PARTS_AFTER_MS = 1_000;

const ShortcutsDialog = createLazyComponent(async () => (await import("./shortcuts-dialog.tsx")).ShortcutsDialog, {
  loading: null,
});

interface Place {
  readonly to: string;
  readonly title: string;
  readonly icon: LucideIcon;
}

const PLACES: readonly Place[] = [
  { to: "/", title: "Overview", icon: LayoutDashboard },
  { to: "/dead-letters", title: "Dead letters", icon: Inbox },
  { to: "/handoffs", title: "Handoffs", icon: Search },
  { to: "/runs", title: "Runs", icon: ListChecks },
  { to: "/connectors", title: "Connectors", icon: Cable },
  { to: "/audit", title: "Audit", icon: ScrollText },
  { to: "/keys", title: "Keys", icon: KeyRound },
];

export function AppShell() {
  const main = useRef<HTMLElement>(null);
  const [helps, setHelps] = useState(false);
  useFocusOnNavigation(main);
  useRestoreLostFocus();
  useEffect(() => {
    const timer = setTimeout(() => void loadAllLazyComponents(), PARTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const shortcuts = useShortcuts(() => setHelps(true));
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <Sidebar onHelp={() => setHelps(true)} />
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      {helps && <ShortcutsDialog onClose={() => setHelps(false)} {...shortcuts} />}
    </div>
  );
}

function Sidebar({ onHelp }: { readonly onHelp: () => void }) {
  return (
    <header className={styles.side}>
      <Link to="/" className={styles.brand}>
        <img src="/icon.svg" alt="" width={26} height={26} />
        Baton
      </Link>
      <nav aria-label="Pages">
        <ul className={styles.links}>
          {PLACES.map((place) => (
            <li key={place.to}>
              <PlaceLink {...place} />
            </li>
          ))}
        </ul>
      </nav>
      <SidebarFooter onHelp={onHelp} />
    </header>
  );
}

function PlaceLink({ to, title, icon: Icon }: Place) {
  return (
    <Link to={to} className={styles.link} activeOptions={{ exact: to === "/", includeSearch: false }}>
      <Icon size={17} aria-hidden />
      {title}
    </Link>
  );
}
