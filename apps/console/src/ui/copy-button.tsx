/** Copying, also on plain http, where browsers have no clipboard for scripts. */
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "./button.tsx";

/** How long the button says that it worked. Milliseconds. */
const COPIED_SHOWN_MS = 2_000;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, in words: `id`, `command`. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    copyText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
      },
      () => setCopied(false),
    );
  };
  const Icon = copied ? Check : Copy;
  return (
    <Button look="quiet" small onClick={copy}>
      <Icon size={14} aria-hidden />
      <span aria-live="polite">{copied ? "Copied" : `Copy ${what}`}</span>
    </Button>
  );
}

async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  const open = document.querySelector("dialog[open], [role=dialog]") ?? document.body;
  open.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser did not copy");
}
