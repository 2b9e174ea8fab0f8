/** A reward model as it is served: a Python process that scores conversations (python/worker/score.py), started again when it has ended. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';
import { pythonSources } from '../../store/package.js';
import { type ChildChannel, openChannel } from '../child-channel.js';

export interface ScorerSettings {
  /** The interpreter of Slipway's Python environment. */
  python: string;
  /** Weights and tokenizer of the base, as Transformers has them. */
  base_folder: string;
  artifact_folder: string;
  num_threads: number;
}

export interface ScoredConversation {
  messages: Message[];
  tools?: unknown[];
}

interface LoadRequest {
  op: 'load';
  base_folder: string;
  artifact_folder: string;
  num_threads: number;
}
interface ScoreRequest {
  op: 'score';
  conversations: ScoredConversation[];
}
interface ScorerAnswers {
  load: { engine: string; context_length: number };
  /** In the order of the conversations; a reward is null where the conversation is longer than the context. */
  score: { rewards: (number | null)[]; prompt_tokens: number[] };
}
type ScorerChannel = ChildChannel<ScorerAnswers, LoadRequest | ScoreRequest>;

export interface Scorer {
  readonly name: string;
  readonly context_length: number;
  readonly num_threads: number;
  /** @throws AppError engine-busy, engine-failed, engine-gone, prompt-too-long */
  score(conversations: ScoredConversation[]): Promise<{ rewards: number[]; prompt_tokens: number }>;
  close(): Promise<void>;
}

/** A batch takes seconds: more would wait minutes, and a client does better to try again. */
const MAX_WAITING = 64;

/** @throws AppError engine-failed when it cannot be loaded, or scores its reference answers otherwise than when it was trained */
export async function startScorer(settings: ScorerSettings): Promise<Scorer> {
  // Started again by the next request after its end: one that ends by itself would else be started for ever.
  let running: ReturnType<typeof load> | null = null;
  const start = () => {
    const started = load(settings);
    const forget = () => {
      if (running === started) running = null;
    };
    void started.then(({ channel }) => channel.ended).then(forget, forget);
    running = started;
    return started;
  };
  const { engine: name, context_length } = (await start()).loaded;
  return {
    name,
    context_length,
    num_threads: settings.num_threads,
    async score(conversations) {
      const { channel } = await (running ?? start());
      if (channel.numPending() >= MAX_WAITING) throw new AppError('engine-busy', { waiting: channel.numPending() });
      const { rewards, prompt_tokens } = await channel.ask({ op: 'score', conversations });
      const tooLong = prompt_tokens.find((_, index) => rewards[index] === null);
      if (tooLong !== undefined) throw new AppError('prompt-too-long', { prompt_tokens: tooLong, max_tokens: 0, context_length });
      return { rewards: rewards as number[], prompt_tokens: prompt_tokens.reduce((sum, tokens) => sum + tokens, 0) };
    },
    async close() {
      await running?.then(({ channel }) => channel.close()).catch(() => undefined);
    },
  };
}

async function load({ python, ...request }: ScorerSettings): Promise<{ channel: ScorerChannel; loaded: ScorerAnswers['load'] }> {
  if (!existsSync(python))
    throw new AppError('engine-failed', { problem: 'a reward model needs the Python environment: run `slipway doctor --fix`' });
  const child = spawn(python, ['-m', 'worker', 'score'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      PYTHONPATH: pythonSources(),
      HF_HUB_OFFLINE: '1',
      TOKENIZERS_PARALLELISM: 'false',
      OMP_NUM_THREADS: String(request.num_threads),
    },
  });
  const channel: ScorerChannel = openChannel(child);
  try {
    const loaded = await channel.ask({ op: 'load', ...request });
    channel.isLoaded = true;
    return { channel, loaded };
  } catch (error) {
    await channel.close();
    throw error;
  }
}
