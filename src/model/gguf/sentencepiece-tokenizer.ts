/** tokenizer.json of a SentencePiece vocabulary with scores, as byte-pair merges. */

/** llama.cpp's token types (llama.h, LLAMA_TOKEN_TYPE). */
const [NORMAL, CONTROL, USER_DEFINED] = [1, 3, 4];
const SPACE = '▁';

/**
 * llama.cpp joins the neighbours whose joined text has the best score (llama-vocab.cpp, llm_tokenizer_spm); a merge list
 * in the order of scores does the same. Bytes that no token covers fall back to `<0x..>`.
 */
export function sentencePieceTokenizer(vocabulary: { tokens: string[]; scores: number[]; token_types: number[] }): object {
  const { tokens, scores, token_types } = vocabulary;
  const ids = new Map(tokens.map((text, id) => [text, id]));
  const isType = (id: number, ...types: (number | undefined)[]) => types.includes(token_types[id]);
  const byScore = [...tokens.keys()].filter((id) => isType(id, NORMAL)).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const merges = byScore.flatMap((id) => splitsOf(tokens[id] as string, (part) => isType(ids.get(part) ?? -1, NORMAL)));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...tokens.keys()]
      .filter((id) => isType(id, CONTROL, USER_DEFINED))
      .map((id) => ({
        id,
        content: tokens[id],
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: isType(id, CONTROL),
      })),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [{ type: 'Replace', pattern: { String: SPACE }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(ids),
      merges,
    },
  };
}

/** Every way to cut a token in two tokens. Characters, not UTF-16 units: a half of an emoji is no token. */
function splitsOf(token: string, isToken: (part: string) => boolean): [string, string][] {
  const characters = [...token];
  const splits: [string, string][] = [];
  for (let at = 1; at < characters.length; at++) {
    const [left, right] = [characters.slice(0, at).join(''), characters.slice(at).join('')];
    if (isToken(left) && isToken(right)) splits.push([left, right]);
  }
  return splits;
}
