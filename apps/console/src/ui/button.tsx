/** Buttons, and links that look like them. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./button.module.css";
import { classes } from "./classes.ts";

type Look = "plain" | "primary" | "danger" | "quiet";

interface Looks {
  readonly look?: Look;
  readonly small?: boolean;
}

function classOf({ look = "plain", small = false }: Looks): string {
  return classes(styles.button, look !== "plain" && styles[look], small && styles.small);
}

/** Button is `type="button"` unless said. */
export function Button({ look, small, ...rest }: Looks & ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" {...rest} className={classOf({ ...(look && { look }), ...(small && { small }) })} />;
}

/** ButtonLink leads to another page. */
export function ButtonLink({ look, small, ...rest }: Looks & LinkProps & { readonly children: ReactNode }) {
  return <Link {...rest} className={classOf({ ...(look && { look }), ...(small && { small }) })} />;
}
