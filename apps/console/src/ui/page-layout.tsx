/** What pages are laid out with: head, panels, facts, and the state in which there is nothing. */
import { type ReactNode, useEffect } from "react";
import { FreshnessTag } from "../live/freshness-tag.tsx";
import type { FixedOrderHandlers } from "../live/use-fixed-order-while-pointed-at.ts";
import type { LiveQuery } from "../live/use-live-query.ts";
import styles from "./page-layout.module.css";

interface PageProps {
  readonly title: string;
  readonly sub?: ReactNode;
  readonly live?: LiveQuery<unknown>;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, sub, live, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Baton`;
  }, [title]);
  return (
    <>
      <div className={styles.head}>
        <div className={styles.titles}>
          <h1>{title}</h1>
          {sub !== undefined && <div className={styles.sub}>{sub}</div>}
        </div>
        <div className={styles.actions}>
          {live !== undefined && <FreshnessTag of={live} />}
          {actions}
        </div>
      </div>
      <div className={styles.stack}>{children}</div>
    </>
  );
}

interface PanelProps {
  readonly title: string;
  readonly note?: ReactNode;
  /** Sees where the pointer and the focus are, for rows that keep their places meanwhile. */
  readonly around?: FixedOrderHandlers;
  readonly children: ReactNode;
}

export function Panel({ title, note, around, children }: PanelProps) {
  return (
    <section className={styles.panel} aria-label={title} {...around}>
      <div className={styles.panelHead}>
        <h2>{title}</h2>
        {note !== undefined && <div className={styles.sub}>{note}</div>}
      </div>
      {children}
    </section>
  );
}

/** EmptyState says that there is nothing, why, and what to do. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** FactList shows names with what belongs to them; without a value a fact is left out. */
export function FactList({ of }: { readonly of: Readonly<Record<string, ReactNode>> }) {
  const given = Object.entries(of).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return (
    <dl className={styles.facts}>
      {given.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function FlexRow({ children }: { readonly children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

export function MonoText({ children }: { readonly children: ReactNode }) {
  return <span className={styles.mono}>{children}</span>;
}

export function MutedText({ children }: { readonly children: ReactNode }) {
  return <span className={styles.muted}>{children}</span>;
}

/** ListFooter stands below a list: what it shows, and the way on. */
export function ListFooter({ children }: { readonly children: ReactNode }) {
  return <div className={styles.pager}>{children}</div>;
}
