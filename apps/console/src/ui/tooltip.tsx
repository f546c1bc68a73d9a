/** A hint: a few words more about something, while the pointer is on it or the keyboard at it. */
import { type ReactNode, type SyntheticEvent, useId, useRef } from "react";
import styles from "./tooltip.module.css";

interface TooltipProps {
  /** The words more. */
  readonly text: string;
  /** What they are about; never a link or a button. */
  readonly children: ReactNode;
}

/**
 * Tooltip is the browser's own popover: above everything that would cut it off, and closed by Escape. The pointer may
 * move onto it, and a finger that taps shows it.
 */
export function Tooltip({ text, children }: TooltipProps) {
  const id = useId();
  const popover = useRef<HTMLSpanElement>(null);
  const show = ({ currentTarget: source }: SyntheticEvent<HTMLElement>) => popover.current?.showPopover({ source });
  const hide = () => popover.current?.hidePopover();
  return (
    <span onPointerEnter={show} onPointerLeave={hide}>
      <button type="button" className={styles.about} aria-describedby={id} onFocus={show} onBlur={hide} onClick={show}>
        {children}
      </button>
      <span ref={popover} id={id} className={styles.hint} role="tooltip" popover="auto">
        {text}
      </span>
    </span>
  );
}
