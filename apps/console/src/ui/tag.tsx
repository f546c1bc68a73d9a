/** A word with an icon and a colour; never a colour alone. */
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDot,
  CirclePause,
  CircleX,
  Clock,
  Eye,
  EyeOff,
  type LucideIcon,
  Send,
  Trash2,
} from "lucide-react";
import type { ReactNode } from "react";
import type { CauseState, HandoffStatus, ItemResult, RunStatus } from "../api/shapes.ts";
import { classes } from "./classes.ts";
import styles from "./tag.module.css";
import type { Tone } from "./tone.ts";

interface TagProps {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly children: ReactNode;
}

export function Tag({ tone, icon: Icon, children }: TagProps) {
  return (
    <span className={classes(styles.tag, styles[tone])}>
      <Icon size={13} aria-hidden />
      {children}
    </span>
  );
}

type Look = readonly [Tone, LucideIcon];

const STATUS: Readonly<Record<HandoffStatus, Look>> = {
  queued: ["accent", Clock],
  sending: ["accent", Send],
  delivered: ["good", CircleCheck],
  dead: ["bad", CircleX],
  cancelled: ["plain", Ban],
  discarded: ["plain", Trash2],
};

const RUN: Readonly<Record<RunStatus, Look>> = {
  running: ["accent", CircleDot],
  paused: ["warn", CirclePause],
  completed: ["good", CircleCheck],
  cancelled: ["plain", Ban],
};

const CAUSE: Readonly<Record<CauseState, Look>> = {
  open: ["bad", CircleAlert],
  acknowledged: ["warn", Eye],
  ignored: ["plain", EyeOff],
};

const ITEM: Readonly<Record<ItemResult, Look>> = {
  waiting: ["plain", Clock],
  replayed: ["accent", Send],
  delivered: ["good", CircleCheck],
  "died-again": ["bad", CircleX],
  discarded: ["plain", Trash2],
  skipped: ["warn", Ban],
};

function tagOf([tone, icon]: Look, word: string) {
  return (
    <Tag tone={tone} icon={icon}>
      {word.replace("-", " ")}
    </Tag>
  );
}

export function StatusTag({ status }: { readonly status: HandoffStatus }) {
  return tagOf(STATUS[status], status);
}

export function RunTag({ status }: { readonly status: RunStatus }) {
  return tagOf(RUN[status], status);
}

export function CauseTag({ state }: { readonly state: CauseState }) {
  return tagOf(CAUSE[state], state);
}

export function ItemTag({ result }: { readonly result: ItemResult }) {
  return tagOf(ITEM[result], result);
}
