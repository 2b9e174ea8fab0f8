/** POST /v1/chat/completions */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { clientLeaving } from '../../http/client-leaving.js';
import { openEventStream } from '../../http/open-stream.js';
import { parseRequest } from '../../http/parse-request.js';
import { renderChat } from '../../model/gguf/chat-template.js';
import { AppError, asAppError } from '../../protocol/errors.js';
import type { Generation } from '../engine/messages.js';
import { errorBody } from './errors.js';
import { toGrammarSchema } from './json-schema.js';
import { ChatRequest, stopList } from './requests.js';
import { entryOf, type Served } from './served-models.js';

export function chatCompletions(app: FastifyInstance, served: Served): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const asked = parseRequest(ChatRequest, request.body);
    const entry = entryOf(served, asked.model);
    const format = asked.response_format;
    const schema = format?.type === 'json_schema' ? toGrammarSchema(format.json_schema.schema) : null;
    if (schema && asked.structured_outputs)
      throw new AppError('request-invalid', { problem: 'response_format and structured_outputs exclude each other' });
    const engine = await served.pool.pick();
    const tokenIds = await engine.tokenize(await renderChat(entry.chat_template, asked.messages, { addGenerationPrompt: true }));
    const maxTokens = fitTokens(tokenIds.length, asked.max_completion_tokens ?? asked.max_tokens, engine.context_length);
    const generation = {
      context: entry.context,
      token_ids: tokenIds,
      max_tokens: maxTokens,
      temperature: asked.temperature,
      ...(asked.top_p === undefined ? {} : { top_p: asked.top_p }),
      ...(asked.seed === undefined ? {} : { seed: asked.seed }),
      stop: stopList(asked.stop),
      json_schema: schema,
      choices: asked.structured_outputs?.choice ?? null,
      cache_prompt: asked.cache_prompt,
    };
    const identity = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: entry.id };
    const hasLeft = clientLeaving(reply);
    if (!asked.stream) {
      const answer = await engine.generate(generation, undefined, hasLeft);
      const message = { role: 'assistant', content: answer.text };
      return {
        ...identity,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: answer.finish_reason, logprobs: null }],
        usage: usageOf(answer),
      };
    }
    const chunk = (delta: object, finish: string | null) => ({
      ...identity,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const { send, end } = openEventStream(reply);
    try {
      send(chunk({ role: 'assistant', content: '' }, null));
      const answer = await engine.generate(generation, (text) => send(chunk({ content: text }, null)), hasLeft);
      send(chunk({}, answer.finish_reason));
      if (asked.stream_options?.include_usage) send({ ...identity, object: 'chat.completion.chunk', choices: [], usage: usageOf(answer) });
      send('[DONE]');
    } catch (error) {
      send(errorBody(asAppError(error)));
    }
    end();
  });
}

/** Prompts are never cut: one that does not fit is refused with the numbers. @throws AppError prompt-too-long */
export function fitTokens(promptTokens: number, maxTokens: number | null | undefined, contextLength: number): number {
  const room = contextLength - promptTokens;
  const wanted = maxTokens ?? room;
  if (room < 1 || wanted > room) {
    throw new AppError('prompt-too-long', { prompt_tokens: promptTokens, max_tokens: maxTokens ?? 1, context_length: contextLength });
  }
  return wanted;
}

export function usageOf(answer: Generation) {
  return {
    prompt_tokens: answer.prompt_tokens,
    completion_tokens: answer.completion_tokens,
    total_tokens: answer.prompt_tokens + answer.completion_tokens,
    prompt_tokens_details: { cached_tokens: answer.cached_tokens },
  };
}
