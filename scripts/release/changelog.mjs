// CHANGELOG.md as Keep a Changelog has it. Texts in, texts out.
const UNRELEASED = "## [Unreleased]\n";

/**
 * releaseChangelog gives the changelog with what was unreleased under the version and its day, and that section by
 * itself.
 */
export function releaseChangelog(text, version, day) {
  const start = text.indexOf(UNRELEASED);
  if (start < 0) throw new Error("CHANGELOG.md has no section [Unreleased]");
  const from = start + UNRELEASED.length;
  const next = text.indexOf("\n## [", from);
  const end = next < 0 ? text.length : next;
  const section = text.slice(from, end).trim();
  if (section === "") throw new Error("CHANGELOG.md has nothing under [Unreleased]");
  const heading = `## [${version}] - ${day}`;
  return { section, text: `${text.slice(0, from)}\n${heading}\n\n${section}\n${text.slice(end)}` };
}
