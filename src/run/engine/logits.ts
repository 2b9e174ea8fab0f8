/** Log-probabilities of given tokens, embeddings, and what a token's text is. */
import type { LlamaContextSequence, LlamaEmbeddingContext, LlamaModel, Token } from 'node-llama-cpp';
import { type Loaded, sequenceOf } from './loaded.js';
import type { EmbedRequest, EngineAnswers, ScoreRequest } from './messages.js';

export async function score(loaded: Loaded, request: ScoreRequest): Promise<EngineAnswers['score']> {
  const sequence = sequenceOf(loaded, request.context);
  await sequence.clearHistory();
  const ids = request.token_ids as Token[];
  const outputs = await nextLogits(sequence, ids, 0);
  const logprobs = ids.slice(1).map((token, index) => {
    const logprob = outputs[index]?.get(token);
    if (logprob === undefined) throw new Error('the engine gave no logit');
    return logprob;
  });
  return { logprobs, ...tokenTexts(loaded.model, ids) };
}

/**
 * Of each token but the last, log-probabilities of what may follow: the token that does, the likeliest, and `numTop` more.
 * The greedy token has the largest logit: `includeMax` returned no entry, and `includeTop` sorts the whole vocabulary (12.8 ms a
 * token against 8.8). No sampling options: any would cut the distribution.
 */
export async function nextLogits(sequence: LlamaContextSequence, ids: Token[], numTop: number): Promise<(Map<Token, number> | null)[]> {
  const outputs = await sequence.controlledEvaluate(
    ids.map((token, index) => {
      const next = ids[index + 1];
      if (next === undefined) return token;
      const filter = { tokens: [next], includeSelected: true, ...(numTop > 0 ? { includeTop: numTop } : {}) };
      return [token, { generateNext: { token: true, logits: { filter }, totalLogitWeight: true } }];
    }),
  );
  return outputs.map((output) => {
    const next = output?.next;
    if (!next?.logits || next.totalLogitWeight === undefined) return null;
    const norm = Math.max(...next.logits.values()) + Math.log(next.totalLogitWeight);
    return new Map([...next.logits].map(([token, logit]) => [token, logit - norm]));
  });
}

/** Made when it is first asked for. */
let embeddings: LlamaEmbeddingContext | null = null;

export async function embed({ model, settings }: Loaded, { token_ids }: EmbedRequest): Promise<EngineAnswers['embed']> {
  embeddings ??= await model.createEmbeddingContext({ contextSize: settings.context_length, threads: settings.num_threads });
  const { vector } = await embeddings.getEmbeddingFor(token_ids as Token[]);
  return { embedding: [...vector] };
}

/** A character of more bytes than this does not exist; each may be a token. */
const MAX_CHARACTER_BYTES = 4;

/** Each token's text, and where it begins, in characters of Unicode; a token with a part of a character begins where the character does. */
export function tokenTexts(model: LlamaModel, ids: Token[]): { tokens: string[]; text_offset: number[] } {
  let position = 0;
  let open: Token[] = [];
  const text_offset = ids.map((token) => {
    const start = position;
    open.push(token);
    const text = model.detokenize(open, true);
    // Bytes that are no whole character yet are shown as U+FFFD.
    if (text.endsWith('\uFFFD') && open.length < MAX_CHARACTER_BYTES) return start;
    position += [...text].length;
    open = [];
    return start;
  });
  return { tokens: ids.map((token) => model.detokenize([token], true)), text_offset };
}
