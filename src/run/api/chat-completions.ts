/** POST /v1/chat/completions */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { clientLeaving } from '../../http/client-leaving.js';
import { openEventStream } from '../../http/open-stream.js';
import { renderChat } from '../../model/gguf/chat-template.js';
import { AppError, asAppError } from '../../protocol/errors.js';
import type { Constraint, Generation } from '../engine/messages.js';
import { answer, fitTokens, usageOf } from './answer.js';
import { errorBody } from './errors.js';
import { toGrammarSchema } from './json-schema.js';
import { ChatRequest, parseBody } from './requests.js';
import { entryOf, type Served, type ServedEntry } from './served-models.js';
import { asRendered, forcedCall, readCalls, shownLength, type ToolUse, toolUseOf } from './tool-calls.js';

export function chatCompletions(app: FastifyInstance, served: Served): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const asked = parseBody(ChatRequest, request.body);
    const entry = entryOf(served, asked.model);
    if (asked.top_logprobs !== undefined && !asked.logprobs)
      throw new AppError('request-invalid', { problem: 'top_logprobs: needs logprobs: true' });
    const use = toolUseOf(asked, entry.chat_template);
    const forced = use && forcedCall(use);
    const constraint = forced ? { kind: 'schema' as const, schema: forced.schema } : constraintOf(asked);
    const prompt = (await promptOf(entry, asked, use)) + (forced?.prefix ?? '');
    const engine = await served.pool.pick();
    const token_ids = await engine.tokenize(prompt);
    const max_tokens = fitTokens(token_ids.length, asked.max_completion_tokens ?? asked.max_tokens, engine.context_length);
    const top_logprobs = asked.logprobs ? (asked.top_logprobs ?? 0) : null;
    const hasLeft = clientLeaving(reply);
    const answerOf = (index: number, onText?: (text: string) => void) =>
      answer(served, engine, asked, {
        context: entry.context,
        token_ids,
        max_tokens,
        constraint,
        top_logprobs,
        index,
        hasLeft,
        ...(onText ? { onText } : {}),
      });
    const identity = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: entry.id };
    const answers: Generation[] = [];
    if (!asked.stream) {
      for (let index = 0; index < asked.n && !hasLeft.aborted; index++) answers.push(await answerOf(index));
      const choices = answers.map((one, index) => ({ index, ...choiceOf(one, use), logprobs: logprobsOf(one) }));
      return { ...identity, object: 'chat.completion', choices, usage: usageOf(answers) };
    }
    const { send, end } = openEventStream(reply);
    const chunk = (
      index: number,
      delta: object,
      { finish = null, logprobs = null }: { finish?: string | null; logprobs?: object | null } = {},
    ) => send({ ...identity, object: 'chat.completion.chunk', choices: [{ index, delta, finish_reason: finish, logprobs }] });
    try {
      for (let index = 0; index < asked.n && !hasLeft.aborted; index++) {
        chunk(index, { role: 'assistant', content: '' });
        let text = '';
        let shown = 0;
        const show = (length: number) => {
          if (length > shown) chunk(index, { content: text.slice(shown, length) });
          shown = Math.max(shown, length);
        };
        const generation = await answerOf(index, (piece) => {
          text += piece;
          show(use ? shownLength(text, use) : text.length);
        });
        answers.push(generation);
        const { message, finish_reason } = choiceOf(generation, use);
        if (message.tool_calls) chunk(index, { tool_calls: message.tool_calls.map((call, at) => ({ index: at, ...call })) });
        else show(text.length);
        chunk(index, {}, { finish: finish_reason, logprobs: logprobsOf(generation) });
      }
      if (asked.stream_options?.include_usage) send({ ...identity, object: 'chat.completion.chunk', choices: [], usage: usageOf(answers) });
      send('[DONE]');
    } catch (error) {
      send(errorBody(asAppError(error)));
    }
    end();
  });
}

/** @throws AppError request-invalid when the template does not render the tools: the model would not know of them */
async function promptOf(entry: ServedEntry, asked: ChatRequest, use: ToolUse | null): Promise<string> {
  const render = (tools?: unknown[]) => renderChat(entry.chat_template, asRendered(asked.messages), { addGenerationPrompt: true, tools });
  if (!use) return await render();
  const [prompt, without] = [await render(use.tools), await render()];
  if (prompt !== without) return prompt;
  throw new AppError('request-invalid', {
    problem: `tools: the chat template of ${entry.id} has no place for tools; ask for JSON with response_format instead, or serve a model whose template has one`,
  });
}

/** @throws AppError request-invalid for a schema that cannot be enforced */
function constraintOf({ response_format: format, structured_outputs }: ChatRequest): Constraint | null {
  const isHeld = format && format.type !== 'text';
  if (isHeld && structured_outputs)
    throw new AppError('request-invalid', { problem: 'response_format and structured_outputs exclude each other' });
  if (structured_outputs) return { kind: 'choices', choices: structured_outputs.choice };
  if (!isHeld) return null;
  return format.type === 'json_object' ? { kind: 'object' } : { kind: 'schema', schema: toGrammarSchema(format.json_schema.schema) };
}

function choiceOf(generation: Generation, use: ToolUse | null) {
  const { content, tool_calls } = use ? readCalls(generation.text, use) : { content: generation.text, tool_calls: [] };
  if (tool_calls.length === 0) return { message: { role: 'assistant', content, refusal: null }, finish_reason: generation.finish_reason };
  return { message: { role: 'assistant', content: content || null, refusal: null, tool_calls }, finish_reason: 'tool_calls' };
}

/** OpenAI's shape; bytes are null where a token is a part of a character. */
function logprobsOf({ logprobs }: Generation) {
  if (!logprobs) return null;
  const entry = ({ token, logprob }: { token: string; logprob: number }) => ({
    token,
    logprob,
    bytes: token.includes('\uFFFD') ? null : [...Buffer.from(token)],
  });
  return { content: logprobs.map((one) => ({ ...entry(one), top_logprobs: one.top.map(entry) })), refusal: null };
}
