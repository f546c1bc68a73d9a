/** What stands around every page: the way to the others, who is signed in, and the switches. */
import { Link, Outlet } from "@tanstack/react-router";
import {
  Cable,
  Inbox,
  Keyboard,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  LogOut,
  type LucideIcon,
  Pause,
  Play,
  ScrollText,
  Search,
} from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { setUpdatesPaused, useUpdatesPaused } from "../live/paused-updates.ts";
import { useSession, useSignIn } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import styles from "./shell.module.css";
import { ThemeSwitch } from "./theme-switch.tsx";
import { useFocusOnNavigation } from "./use-focus-on-navigation.ts";
import { useShortcuts } from "./use-shortcuts.ts";

const ShortcutsDialog = lazy(async () => ({ default: (await import("./shortcuts-dialog.tsx")).ShortcutsDialog }));

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

export function Shell() {
  const main = useRef<HTMLElement>(null);
  const [helps, setHelps] = useState(false);
  useFocusOnNavigation(main);
  const shortcuts = useShortcuts(() => setHelps(true));
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <Side onHelp={() => setHelps(true)} />
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      {helps && (
        <Suspense>
          <ShortcutsDialog onClose={() => setHelps(false)} {...shortcuts} />
        </Suspense>
      )}
    </div>
  );
}

function Side({ onHelp }: { readonly onHelp: () => void }) {
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
      <Foot onHelp={onHelp} />
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

function Foot({ onHelp }: { readonly onHelp: () => void }) {
  const session = useSession();
  const { signOut } = useSignIn();
  const paused = useUpdatesPaused();
  return (
    <div className={styles.foot}>
      <Button look="quiet" small aria-pressed={paused} onClick={() => setUpdatesPaused(!paused)}>
        {paused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
        {paused ? "Go on with updates" : "Pause updates"}
      </Button>
      <ThemeSwitch />
      <Button look="quiet" small onClick={onHelp}>
        <Keyboard size={15} aria-hidden />
        Shortcuts
      </Button>
      <Button look="quiet" small onClick={() => void signOut()}>
        <LogOut size={15} aria-hidden />
        Sign out
      </Button>
      <div className={styles.who}>
        <strong>{session.name}</strong> {session.role}
      </div>
    </div>
  );
}
