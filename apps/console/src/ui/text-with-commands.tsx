/** TextWithCommands shows what stands between backticks as code: a command, a setting. */
export function TextWithCommands({ text }: { readonly text: string }) {
  // Every second piece stood between two backticks; pieces of one text never move.
  return text.split("`").map((piece, index) => {
    const key = `${index} ${piece}`;
    return index % 2 === 0 ? <span key={key}>{piece}</span> : <code key={key}>{piece}</code>;
  });
}
