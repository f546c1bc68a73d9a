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
import type { CauseState, HandoffStatus, ItemResult, RunStatus } from "../api/answer-types.ts";
import { joinClassNames } from "./join-class-names.ts";
import styles from "./tag.module.css";
import type { Tone } from "./tone.ts";

interface TagProps {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly children: ReactNode;
}

export function Tag({ tone, icon: Icon, children }: TagProps) {
  return (
    <span className={joinClassNames(styles.tag, styles[tone])}>
      <Icon size={13} aria-hidden />
      {children}
    </span>
  );
}

type TagLook = readonly [Tone, LucideIcon];

const HANDOFF_STATUS_LOOKS: Readonly<Record<HandoffStatus, TagLook>> = {
  queued: ["accent", Clock],
  sending: ["accent", Send],
  delivered: ["good", CircleCheck],
  dead: ["bad", CircleX],
  cancelled: ["plain", Ban],
  discarded: ["plain", Trash2],
};

const RUN_STATUS_LOOKS: Readonly<Record<RunStatus, TagLook>> = {
  running: ["accent", CircleDot],
  paused: ["warn", CirclePause],
  completed: ["good", CircleCheck],
  cancelled: ["plain", Ban],
};

const CAUSE_STATE_LOOKS: Readonly<Record<CauseState, TagLook>> = {
  open: ["bad", CircleAlert],
  acknowledged: ["warn", Eye],
  ignored: ["plain", EyeOff],
};

const ITEM_RESULT_LOOKS: Readonly<Record<ItemResult, TagLook>> = {
  waiting: ["plain", Clock],
  replayed: ["accent", Send],
  delivered: ["good", CircleCheck],
  "died-again": ["bad", CircleX],
  discarded: ["plain", Trash2],
  skipped: ["warn", Ban],
};

function renderWordTag([tone, icon]: TagLook, word: string) {
  return (
    <Tag tone={tone} icon={icon}>
      {word.replace("-", " ")}
    </Tag>
  );
}

export function HandoffStatusTag({ status }: { readonly status: HandoffStatus }) {
  return renderWordTag(HANDOFF_STATUS_LOOKS[status], status);
}

export function RunStatusTag({ status }: { readonly status: RunStatus }) {
  return renderWordTag(RUN_STATUS_LOOKS[status], status);
}

export function CauseStateTag({ state }: { readonly state: CauseState }) {
  return renderWordTag(CAUSE_STATE_LOOKS[state], state);
}

export function RunItemResultTag({ result }: { readonly result: ItemResult }) {
  return renderWordTag(ITEM_RESULT_LOOKS[result], result);
}
