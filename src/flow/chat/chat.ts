/** Talking to a model or a run's adapter: its base is served once, with every adapter that was asked for. */
import { serverSentEvents } from '../../http/server-sent-events.js';
import { ChatSettings } from '../../protocol/chat.js';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';
import { randomApiKey } from '../../run/api/start-server.js';
import { type ServeRequest, serveModels } from '../../run/serve-models.js';
import { importedModel } from '../../run/weights/resolve-model.js';
import { findRunIfAny } from '../../store/runs.js';
import { readPlan } from '../../tune/read-plan.js';
import { servedRun } from '../compare/served-run.js';

const CONTEXT_LENGTH = 2048;
/** As SmolLM2's own card has it. The seed makes an answer repeat. */
const SAMPLING = { top_p: 0.9, seed: 1 };

export interface ChatServer {
  base_url: string;
  api_key: string | null;
  close(): Promise<void>;
}

/** What answers, and the reward models that score. */
export interface ServedIds {
  models: string[];
  reward_models: string[];
}

/**
 * @param ids one model id or runs of one base model
 * @param port 0 takes a free one
 * @throws AppError those of serving; option-invalid for a port that is taken
 */
export async function serveForChat(
  home: string,
  ids: string[],
  onProgress: ServeRequest['onProgress'],
  port = 0,
): Promise<ChatServer & ServedIds> {
  const runs = ids.flatMap((id) => findRunIfAny(home, id) ?? []);
  const base = baseOf(home, ids[0] as string);
  const server = await serveModels(home, {
    model_folder: importedModel(home, base),
    runs: runs.map(servedRun),
    port,
    api_key: randomApiKey(),
    num_engines: 1,
    num_threads: 1,
    context_length: CONTEXT_LENGTH,
    onProgress,
  });
  return { ...server, models: server.entries.map(({ id }) => id), reward_models: server.scorers.map(({ id }) => id) };
}

/** The base model of a run, or the model itself. */
export function baseOf(home: string, id: string): string {
  const run = findRunIfAny(home, id);
  return run ? readPlan(run).models.policy.id : id;
}

export interface ChatRequest {
  model: string;
  messages: Message[];
  settings?: Pick<ChatSettings, 'temperature' | 'max_tokens'>;
  signal: AbortSignal;
}

/** The answer as it is written, piece by piece. @returns how many tokens it has; null where that was not said. @throws AppError endpoint-failed */
export async function* streamAnswer(
  { base_url, api_key }: Pick<ChatServer, 'base_url' | 'api_key'>,
  { model, messages, settings = ChatSettings.parse({}), signal }: ChatRequest,
): AsyncGenerator<string, number | null> {
  const { temperature, max_tokens } = settings;
  const url = `${base_url}/chat/completions`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(api_key ? { authorization: `Bearer ${api_key}` } : {}) },
    body: JSON.stringify({ model, messages, ...SAMPLING, temperature, max_tokens, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok) throw new AppError('endpoint-failed', { url, status: response.status, problem: (await response.text()).slice(0, 300) });
  let num_tokens: number | null = null;
  for await (const data of serverSentEvents(response)) {
    const chunk = JSON.parse(data) as ChatChunk;
    if (chunk.error) throw new AppError('endpoint-failed', { url, status: 200, problem: chunk.error.message });
    const text = chunk.choices?.[0]?.delta?.content;
    if (text) yield text;
    num_tokens = chunk.usage?.completion_tokens ?? num_tokens;
  }
  return num_tokens;
}

interface ChatChunk {
  choices?: { delta?: { content?: string } }[];
  usage?: { completion_tokens: number } | null;
  error?: { message: string };
}
