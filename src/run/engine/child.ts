/** The engine process: llama.cpp through node-llama-cpp, one base model, one context per adapter. Started by engine.ts. */
import {
  getLlama,
  type Llama,
  type LlamaContextSequence,
  type LlamaEmbeddingContext,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { engineGpu, thisPlatform } from './engine-packages.js';
import type {
  Constraint,
  EmbedRequest,
  EngineAnswers,
  EngineRequest,
  FromEngine,
  GenerateRequest,
  Generation,
  LoadRequest,
  ScoreRequest,
  ToEngine,
} from './messages.js';
import { heldBack, stopIndex } from './stop-texts.js';

/** Small, so that little of a known prefix is computed again: at most 31 tokens. Its own cost was not measured. */
const CHUNK_TOKENS = 32;

let llama: Llama;
let model: LlamaModel;
let settings: LoadRequest;
/** Made when it is first asked for. */
let embeddings: LlamaEmbeddingContext | null = null;
const sequences = new Map<string, LlamaContextSequence>();
const aborted = new Set<number>();

process.on('message', (message: ToEngine) => {
  if ('abort' in message) aborted.add(message.id);
  else void answer(message.id, message.request);
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to every process of the terminal; when this one ends is for the server to say, which ends its answers first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

function send(message: FromEngine): void {
  process.send?.(message);
}

async function answer(id: number, request: EngineRequest): Promise<void> {
  try {
    send({ id, answer: await perform(id, request) });
  } catch (error) {
    send({ id, problem: error instanceof Error ? error.message : String(error) });
  } finally {
    aborted.delete(id);
  }
}

async function perform(id: number, request: EngineRequest): Promise<EngineAnswers[keyof EngineAnswers]> {
  switch (request.op) {
    case 'load':
      return await load(request);
    case 'add-context':
      await addContext(request.context, request.adapter);
      return {};
    case 'tokenize':
      return { token_ids: model.tokenize(request.text, true) };
    case 'generate':
      return await generate(id, request);
    case 'score':
      return await score(request);
    case 'embed':
      return await embed(request);
  }
}

async function load(request: LoadRequest): Promise<EngineAnswers['load']> {
  settings = request;
  // Without an explicit number ggml takes more threads than there are cores and spins (facts: 100 times slower).
  llama = await getLlama({
    gpu: engineGpu(thisPlatform()),
    build: 'never',
    maxThreads: request.num_threads,
    progressLogs: false,
  });
  model = await llama.loadModel({ modelPath: request.gguf });
  return { engine: `llama.cpp ${llama.llamaCppRelease.release}`, context_length: request.context_length };
}

async function addContext(name: string, adapter: string | null): Promise<void> {
  const context = await model.createContext({
    contextSize: settings.context_length,
    batchSize: CHUNK_TOKENS,
    threads: settings.num_threads,
    flashAttention: false,
    experimentalKvCacheKeyType: settings.cache_type,
    experimentalKvCacheValueType: settings.cache_type,
    ...(adapter ? { lora: adapter } : {}),
  });
  sequences.set(name, context.getSequence());
}

async function generate(id: number, request: GenerateRequest): Promise<Generation> {
  const sequence = sequenceOf(request.context);
  const cached = await keepPrefix(sequence, request.cache_prompt ? request.token_ids : []);
  const grammar = await grammarOf(request.constraint);
  const tokens: Token[] = [];
  let sent = '';
  /** What is known to be part of the answer. */
  const show = (text: string) => {
    if (text.length <= sent.length) return;
    send({ id, text: text.slice(sent.length) });
    sent = text;
  };
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
    whole = model.detokenize(tokens);
    stoppedAt = stopIndex(whole, request.stop);
    if (stoppedAt !== null) break;
    // A character whose bytes have not all come yet ends in U+FFFD: it is sent with the token that completes it.
    if (!whole.endsWith(PART_OF_CHARACTER)) show(whole.slice(0, whole.length - heldBack(whole, request.stop)));
    // The grammar allows white space after the last brace.
    if (request.constraint && request.constraint.kind !== 'choices' && isCompleteJson(whole)) break;
    if (aborted.has(id)) {
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
    logprobs: request.top_logprobs === null ? null : await answerLogprobs(sequence, request, shownTokens(tokens, sent)),
  };
}

const PART_OF_CHARACTER = '\uFFFD';

/** llama.cpp's penalties have OpenAI's formula: a logit loses count × frequency + presence (llama-sampling.cpp). */
function penaltiesOf({ frequency_penalty, presence_penalty }: GenerateRequest, tokens: Token[]) {
  if (frequency_penalty === 0 && presence_penalty === 0) return {};
  const repeatPenalty = { punishTokens: () => tokens, penalty: 1, frequencyPenalty: frequency_penalty, presencePenalty: presence_penalty };
  return { repeatPenalty };
}

/** The answer computed once more, in chunks: what the sampler sees is cut and changed by temperature, penalties and grammar. */
async function answerLogprobs(
  sequence: LlamaContextSequence,
  { token_ids, top_logprobs }: GenerateRequest,
  tokens: Token[],
): Promise<Generation['logprobs']> {
  const ids = [...(token_ids as Token[]), ...tokens];
  const known = await keepPrefix(sequence, ids.slice(0, token_ids.length));
  const outputs = await nextLogits(sequence, ids.slice(known), top_logprobs ?? 0);
  return tokens.map((token, index) => {
    const next = outputs[token_ids.length - known - 1 + index];
    const logprob = next?.get(token);
    if (!next || logprob === undefined) throw new Error('the engine gave no logit');
    const likeliest = [...next].sort(([, a], [, b]) => b - a).slice(0, top_logprobs ?? 0);
    return { token: textOf(token), logprob, top: likeliest.map(([other, value]) => ({ token: textOf(other), logprob: value })) };
  });
}

/** Of a stop text nothing is shown. */
function shownTokens(tokens: Token[], shown: string): Token[] {
  const { text_offset } = tokenTexts(tokens);
  const numCharacters = [...shown].length;
  return tokens.filter((_, index) => (text_offset[index] as number) < numCharacters);
}

const textOf = (token: Token) => model.detokenize([token], true);

async function grammarOf(constraint: Constraint | null) {
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

function isCompleteJson(text: string): boolean {
  if (!/[}\]"\d\w]\s*$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function score(request: ScoreRequest): Promise<EngineAnswers['score']> {
  const sequence = sequenceOf(request.context);
  await sequence.clearHistory();
  const ids = request.token_ids as Token[];
  const outputs = await nextLogits(sequence, ids, 0);
  const logprobs = ids.slice(1).map((token, index) => {
    const logprob = outputs[index]?.get(token);
    if (logprob === undefined) throw new Error('the engine gave no logit');
    return logprob;
  });
  return { logprobs, ...tokenTexts(ids) };
}

/**
 * Of each token but the last, log-probabilities of what may follow: the token that does, the likeliest, and `numTop` more.
 * The greedy token has the largest logit: `includeMax` returned no entry, and `includeTop` sorts the whole vocabulary (12.8 ms a
 * token against 8.8). No sampling options: any would cut the distribution.
 */
async function nextLogits(sequence: LlamaContextSequence, ids: Token[], numTop: number): Promise<(Map<Token, number> | null)[]> {
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

async function embed({ token_ids }: EmbedRequest): Promise<EngineAnswers['embed']> {
  embeddings ??= await model.createEmbeddingContext({ contextSize: settings.context_length, threads: settings.num_threads });
  const { vector } = await embeddings.getEmbeddingFor(token_ids as Token[]);
  return { embedding: [...vector] };
}

/** A character of more bytes than this does not exist; each may be a token. */
const MAX_CHARACTER_BYTES = 4;

/** Each token's text, and where it begins, in characters of Unicode; a token with a part of a character begins where the character does. */
function tokenTexts(ids: Token[]): { tokens: string[]; text_offset: number[] } {
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

/**
 * Keeps the longest prefix of whole chunks that the context has already computed; at least one token is left.
 *
 * Logits depend on which tokens were computed together: with a prefix cut anywhere, a greedy answer differed between a
 * warm and a cold cache. Prompts are computed in chunks that always begin at multiples of CHUNK_TOKENS, so a prompt's
 * chunks are the same whatever was in the cache.
 */
async function keepPrefix(sequence: LlamaContextSequence, tokenIds: number[]): Promise<number> {
  const known = sequence.contextTokens;
  let length = 0;
  while (length < Math.min(known.length, tokenIds.length - 1) && known[length] === tokenIds[length]) length++;
  length -= length % CHUNK_TOKENS;
  if (length === 0) await sequence.clearHistory();
  else await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  return length;
}

function sequenceOf(name: string): LlamaContextSequence {
  const sequence = sequences.get(name);
  if (!sequence) throw new Error(`no context ${name}`);
  return sequence;
}
