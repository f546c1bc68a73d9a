/** The looks of a page: at 320 and 1280 pixels, light and dark. */
import type { TestConsole } from "./console.ts";

/** Look is a window's width in pixels, and the colours that its system asks for. */
export interface Look {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

/** TWO_LOOKS have each width and each theme once: a state differs from its page by a sentence or two. */
export const TWO_LOOKS: readonly Look[] = [
  { width: 320, colorScheme: "dark" },
  { width: 1_280, colorScheme: "light" },
];
export const EVERY_LOOK: readonly Look[] = [
  ...TWO_LOOKS,
  { width: 320, colorScheme: "light" },
  { width: 1_280, colorScheme: "dark" },
];

/** isSoundInLooks holds the page, as it is now, to axe's rules, to its width and to the policy in each look. */
export async function isSoundInLooks(
  { page, isSound }: Pick<TestConsole, "page" | "isSound">,
  looks: readonly Look[] = TWO_LOOKS,
): Promise<void> {
  for (const { width, colorScheme } of looks) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await isSound();
  }
}
