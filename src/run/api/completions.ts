/** POST /v1/completions, with `echo` and `logprobs` so that a given text can be scored. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { clientLeaving } from '../../http/client-leaving.js';
import { openEventStream } from '../../http/open-stream.js';
import { AppError, asAppError } from '../../protocol/errors.js';
import type { Engine } from '../engine/engine.js';
import type { EngineAnswers } from '../engine/messages.js';
import { answer, fitTokens, usageOf } from './answer.js';
import { errorBody } from './errors.js';
import { CompletionRequest, parseBody } from './requests.js';
import { entryOf, type Served } from './served-models.js';

export function completions(app: FastifyInstance, served: Served): void {
  app.post('/v1/completions', async (request, reply) => {
    const asked = parseBody(CompletionRequest, request.body);
    const entry = entryOf(served, asked.model);
    if (asked.stream && (asked.echo || asked.logprobs !== undefined)) {
      throw new AppError('request-invalid', { problem: 'stream cannot be combined with echo or logprobs' });
    }
    const engine = await served.pool.pick();
    const tokenIds = await engine.tokenize(asked.prompt);
    if (tokenIds.length === 0) throw new AppError('request-invalid', { problem: 'prompt: must not be empty' });
    const maxTokens = fitTokens(tokenIds.length, asked.max_tokens, engine.context_length);
    const identity = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: Math.floor(Date.now() / 1000), model: entry.id };
    const hasLeft = clientLeaving(reply);
    const generate = (onText?: (text: string) => void) =>
      answer(served, engine, asked, {
        context: entry.context,
        token_ids: tokenIds,
        max_tokens: maxTokens,
        constraint: null,
        top_logprobs: null,
        index: 0,
        hasLeft,
        ...(onText ? { onText } : {}),
      });
    const choice = (text: string, finish: string | null, logprobs: object | null = null) => ({
      index: 0,
      text,
      logprobs,
      finish_reason: finish,
    });

    if (asked.stream) {
      const { send, end } = openEventStream(reply);
      try {
        const generation = await generate((text) => send({ ...identity, choices: [choice(text, null)] }));
        send({ ...identity, choices: [choice('', generation.finish_reason)] });
        if (asked.stream_options?.include_usage) send({ ...identity, choices: [], usage: usageOf([generation]) });
        send('[DONE]');
      } catch (error) {
        send(errorBody(asAppError(error)));
      }
      end();
      return;
    }
    const nothing = {
      text: '',
      finish_reason: 'length' as const,
      prompt_tokens: tokenIds.length,
      cached_tokens: 0,
      completion_tokens: 0,
      logprobs: null,
    };
    const generation = maxTokens === 0 ? nothing : await generate();
    const text = asked.echo ? asked.prompt + generation.text : generation.text;
    const logprobs =
      asked.logprobs === undefined
        ? null
        : await scoreText(engine, { context: entry.context, prompt: asked.prompt, text, isEcho: asked.echo });
    return { ...identity, choices: [choice(text, generation.finish_reason, logprobs)], usage: usageOf([generation]) };
  });
}

/** OpenAI's legacy shape: token strings, log-probabilities (null for the very first token) and offsets in characters of Unicode. */
async function scoreText(
  engine: Engine,
  { context, prompt, text, isEcho }: { context: string; prompt: string; text: string; isEcho: boolean },
) {
  const whole = isEcho ? text : prompt + text;
  const tokenIds = await engine.tokenize(whole);
  const { tokens, logprobs, text_offset }: EngineAnswers['score'] = await engine.score(context, tokenIds);
  const promptLength = isEcho ? 0 : [...prompt].length;
  const from = text_offset.findIndex((offset) => offset >= promptLength);
  const start = from < 0 ? tokens.length : from;
  return {
    tokens: tokens.slice(start),
    token_logprobs: [null, ...logprobs].slice(start),
    text_offset: text_offset.slice(start).map((offset) => offset - promptLength),
    top_logprobs: null,
  };
}
