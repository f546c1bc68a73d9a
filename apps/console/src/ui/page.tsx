/** What pages are made of: head, panels, facts, and the state in which there is nothing. */
import { type ReactNode, useEffect } from "react";
import type { FixedOrderHandlers } from "../live/fixed-order.ts";
import { Freshness } from "../live/freshness.tsx";
import type { Live } from "../live/use-live.ts";
import styles from "./page.module.css";

interface PageProps {
  readonly title: string;
  readonly sub?: ReactNode;
  readonly live?: Live<unknown>;
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
          {live !== undefined && <Freshness of={live} />}
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

/** Empty says that there is nothing, why, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Facts are names with what belongs to them; without a value a fact is left out. */
export function Facts({ of }: { readonly of: Readonly<Record<string, ReactNode>> }) {
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

export function Row({ children }: { readonly children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

export function Mono({ children }: { readonly children: ReactNode }) {
  return <span className={styles.mono}>{children}</span>;
}

export function Muted({ children }: { readonly children: ReactNode }) {
  return <span className={styles.muted}>{children}</span>;
}

/** Pager stands below a list: what it shows, and the way on. */
export function Pager({ children }: { readonly children: ReactNode }) {
  return <div className={styles.pager}>{children}</div>;
}
