/** Engines side by side on one base model: each has every adapter's context, and a request goes to the least busy one. */
import { AppError } from '../../protocol/errors.js';
import { type Engine, type EngineSettings, startEngine } from './engine.js';

/** More would wait minutes on a small machine; a client does better to try again. */
const MAX_WAITING = 64;

export interface EnginePool {
  readonly name: string;
  readonly context_length: number;
  readonly num_threads: number;
  /** @throws AppError engine-busy */
  pick(): Engine;
  close(): Promise<void>;
}

/** @param adapters GGUF files by context name; null is the base itself */
export async function startPool(
  settings: EngineSettings,
  numEngines: number,
  adapters: Record<string, string | null>,
): Promise<EnginePool> {
  const started = await Promise.allSettled(Array.from({ length: numEngines }, () => startWithContexts(settings, adapters)));
  const engines = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const close = async () => {
    await Promise.all(engines.map((engine) => engine.close()));
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const first = engines[0] as Engine;
  return {
    name: first.name,
    context_length: settings.context_length,
    num_threads: settings.num_threads,
    pick() {
      const waiting = engines.reduce((sum, engine) => sum + engine.num_pending, 0);
      if (waiting >= MAX_WAITING) throw new AppError('engine-busy', { waiting });
      return engines.reduce((least, engine) => (engine.num_pending < least.num_pending ? engine : least));
    },
    close,
  };
}

async function startWithContexts(settings: EngineSettings, adapters: Record<string, string | null>): Promise<Engine> {
  const engine = await startEngine(settings);
  try {
    for (const [context, adapter] of Object.entries(adapters)) await engine.addContext(context, adapter);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
