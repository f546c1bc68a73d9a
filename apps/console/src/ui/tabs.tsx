/** Tabs of a page; which one is open lives in the address. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import styles from "./tabs.module.css";

export function Tabs({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** TabLink is one of the Tabs. */
export function TabLink({ isOpen, ...rest }: LinkProps & { readonly isOpen: boolean; readonly children: ReactNode }) {
  return <Link {...rest} className={styles.tab ?? ""} aria-current={isOpen ? "page" : undefined} />;
}
