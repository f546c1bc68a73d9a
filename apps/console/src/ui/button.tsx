/** Buttons, and links that look like them. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ButtonHTMLAttributes, KeyboardEvent, MouseEvent, ReactNode } from "react";
import styles from "./button.module.css";
import { joinClassNames } from "./join-class-names.ts";

type Look = "plain" | "primary" | "danger" | "quiet";

interface Looks {
  readonly look?: Look | undefined;
  readonly small?: boolean | undefined;
}

function buttonClass({ look = "plain", small = false }: Looks): string {
  return joinClassNames(styles.button, look !== "plain" && styles[look], small && styles.small);
}

interface ButtonProps extends Looks, ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does is being done: it cannot be pressed, and keeps the focus. */
  readonly busy?: boolean;
}

/** Button is `type="button"` unless said. Pressed twice or for long, it acts once. */
export function Button({ look, small, busy = false, onClick, ...rest }: ButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    // What the second click of a double-click meets may be another button, in the place of the first.
    if (busy || (look !== "quiet" && event.detail > 1)) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      onClick={click}
      onKeyDown={preventRepeat}
      className={buttonClass({ look, small })}
    />
  );
}

/** A key that is held down would press again and again. */
function preventRepeat(event: KeyboardEvent): void {
  if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
}

/** ButtonLink leads to another page. */
export function ButtonLink({ look, small, ...rest }: Looks & LinkProps & { readonly children: ReactNode }) {
  return <Link {...rest} className={buttonClass({ look, small })} />;
}
