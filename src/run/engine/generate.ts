/** An answer, token by token: sampling, what it is held to, where it ends, and what of it may be shown. */
import { type Llama, type LlamaContextSequence, LlamaGrammarEvaluationState, type LlamaModel, type Token } from 'node-llama-cpp';
import { growingText, PART_OF_CHARACTER } from './growing-text.js';
import { keepPrefix, type Loaded, sequenceOf } from './loaded.js';
import { nextLogits, tokenTexts } from './logits.js';
import type { Constraint, GenerateRequest, Generation } from './messages.js';
import { heldBack, stopIndex } from './stop-texts.js';

/** @param onText receives what is known to be part of the answer, piece by piece */
export async function generate(
  loaded: Loaded,
  request: GenerateRequest,
  { onText, isAborted }: { onText: (text: string) => void; isAborted: () => boolean },
): Promise<Generation> {
  const { model } = loaded;
  const sequence = sequenceOf(loaded, request.context);
  const cached = await keepPrefix(sequence, request.cache_prompt ? request.token_ids : []);
  const grammar = await grammarOf(loaded.llama, request.constraint);
  const tokens: Token[] = [];
  let sent = '';
  const show = (text: string) => {
    if (text.length <= sent.length) return;
    onText(text.slice(sent.length));
    sent = text;
  };
  const textWith = growingText<Token>((some, special, before) => model.detokenize(some, special, before));
  let whole = '';
  let finish: Generation['finish_reason'] = 'stop';
  let stoppedAt: number | null = null;
  const stream = sequence.evaluate(request.token_ids.slice(cached) as Token[], {
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k,
    minP: request.min_p,
    ...(request.seed === null ? {} : { seed: request.seed }),
    ...penaltiesOf(request, tokens),
    ...(grammar ? { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) } : {}),
  });
  for await (const token of stream) {
    tokens.push(token);
    whole = textWith(token);
    stoppedAt = stopIndex(whole, request.stop);
    if (stoppedAt !== null) break;
    // A character whose bytes have not all come yet ends in U+FFFD: it is sent with the token that completes it.
    if (!whole.endsWith(PART_OF_CHARACTER)) show(whole.slice(0, whole.length - heldBack(whole, request.stop)));
    // The grammar allows white space after the last brace.
    if (request.constraint && request.constraint.kind !== 'choices' && isCompleteJson(whole)) break;
    if (isAborted()) {
      finish = 'abort';
      break;
    }
    if (tokens.length >= request.max_tokens) {
      finish = 'length';
      break;
    }
  }
  show(stoppedAt === null ? whole.replace(/\uFFFD+$/, '') : whole.slice(0, stoppedAt));
  return {
    text: sent,
    finish_reason: finish,
    prompt_tokens: request.token_ids.length,
    cached_tokens: cached,
    completion_tokens: tokens.length,
    logprobs: request.top_logprobs === null ? null : await answerLogprobs(model, sequence, request, shownTokens(model, tokens, sent)),
  };
}

/** llama.cpp's penalties have OpenAI's formula: a logit loses count × frequency + presence (llama-sampling.cpp). */
function penaltiesOf({ frequency_penalty, presence_penalty }: GenerateRequest, tokens: Token[]) {
  if (frequency_penalty === 0 && presence_penalty === 0) return {};
  const repeatPenalty = { punishTokens: () => tokens, penalty: 1, frequencyPenalty: frequency_penalty, presencePenalty: presence_penalty };
  return { repeatPenalty };
}

/** The answer computed once more, in chunks: what the sampler sees is cut and changed by temperature, penalties and grammar. */
async function answerLogprobs(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  { token_ids, top_logprobs }: GenerateRequest,
  tokens: Token[],
): Promise<Generation['logprobs']> {
  const ids = [...(token_ids as Token[]), ...tokens];
  const known = await keepPrefix(sequence, ids.slice(0, token_ids.length));
  const outputs = await nextLogits(sequence, ids.slice(known), top_logprobs ?? 0);
  const textOf = (token: Token) => model.detokenize([token], true);
  return tokens.map((token, index) => {
    const next = outputs[token_ids.length - known - 1 + index];
    const logprob = next?.get(token);
    if (!next || logprob === undefined) throw new Error('the engine gave no logit');
    const likeliest = [...next].sort(([, a], [, b]) => b - a).slice(0, top_logprobs ?? 0);
    return { token: textOf(token), logprob, top: likeliest.map(([other, value]) => ({ token: textOf(other), logprob: value })) };
  });
}

/** Of a stop text nothing is shown. */
function shownTokens(model: LlamaModel, tokens: Token[], shown: string): Token[] {
  const { text_offset } = tokenTexts(model, tokens);
  const numCharacters = [...shown].length;
  return tokens.filter((_, index) => (text_offset[index] as number) < numCharacters);
}

async function grammarOf(llama: Llama, constraint: Constraint | null) {
  if (!constraint) return null;
  switch (constraint.kind) {
    case 'schema':
      return await llama.createGrammarForJsonSchema(constraint.schema as never);
    case 'object':
      return await llama.getGrammarFor('json');
    case 'choices':
      // GBNF (llama.cpp, grammars/README.md): its string escapes are those of JSON.
      return await llama.createGrammar({ grammar: `root ::= ${constraint.choices.map((choice) => JSON.stringify(choice)).join(' | ')}` });
  }
}

/** A number may go on: it ends where the model ends it. */
function isCompleteJson(text: string): boolean {
  if (!/[}\]"]\s*$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
