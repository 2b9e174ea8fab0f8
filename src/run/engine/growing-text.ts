/** The text of tokens that come one after another, without detokenizing all of them each time. */

/** What bytes are shown as that are no whole character yet. */
export const PART_OF_CHARACTER = '\uFFFD';

/** node-llama-cpp's LlamaModel.detokenize: of `before` it looks at the last few, since a space may depend on them. */
type Detokenize<T> = (tokens: readonly T[], specialTokens: boolean, before: readonly T[]) => string;

/** @returns a function that takes the next token and returns the text of all */
export function growingText<T>(detokenize: Detokenize<T>): (token: T) => string {
  const whole: T[] = [];
  // Tokens since the last whole character.
  let open: T[] = [];
  let text = '';
  return (token) => {
    open.push(token);
    const piece = detokenize(open, false, whole);
    if (piece.endsWith(PART_OF_CHARACTER)) return text + piece;
    text += piece;
    whole.push(...open);
    open = [];
    return text;
  };
}
