/** Engines side by side on one base model: each has every adapter's context, a request goes to the least busy one, a dead one is replaced. */
import { AppError } from '../../protocol/errors.js';
import { type Engine, type EngineSettings, startEngine } from './engine.js';

/** More would wait minutes on a small machine; a client does better to try again. */
const MAX_WAITING = 64;
/** An engine that dies as soon as it is started dies again: after so many the place stays empty. */
const MAX_FAILED_STARTS = 3;

export interface EnginePool {
  readonly name: string;
  readonly context_length: number;
  readonly num_threads: number;
  /** Waits where every engine is being replaced. @throws AppError engine-busy, engine-failed when none can be started any more */
  pick(): Promise<Engine>;
  close(): Promise<void>;
}

/** One engine after another. */
interface Place {
  engine: Engine | null;
  /** While an engine is being started in place of one that has died. */
  replacement: Promise<void> | null;
}

/** @param adapters GGUF files by context name; null is the base itself */
export async function startPool(
  settings: EngineSettings,
  numEngines: number,
  adapters: Record<string, string | null>,
): Promise<EnginePool> {
  const started = await Promise.allSettled(Array.from({ length: numEngines }, () => startWithContexts(settings, adapters)));
  const places: Place[] = started.map((result) => ({ engine: result.status === 'fulfilled' ? result.value : null, replacement: null }));
  let isClosing = false;
  const close = async () => {
    isClosing = true;
    await Promise.all(places.map(({ replacement }) => replacement));
    await Promise.all(places.map(({ engine }) => engine?.close()));
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const replaceWhenGone = (place: Place, engine: Engine) =>
    void engine.ended.then(() => {
      place.engine = null;
      if (!isClosing)
        place.replacement = replace(place).finally(() => {
          place.replacement = null;
        });
    });
  const replace = async (place: Place) => {
    for (let failures = 0; failures < MAX_FAILED_STARTS && !isClosing; failures++) {
      const engine = await startWithContexts(settings, adapters).catch(() => null);
      if (!engine) continue;
      place.engine = engine;
      return replaceWhenGone(place, engine);
    }
  };
  const [{ name }] = places.map(({ engine }) => engine) as [Engine];
  for (const place of places) replaceWhenGone(place, place.engine as Engine);
  return {
    name,
    context_length: settings.context_length,
    num_threads: settings.num_threads,
    async pick() {
      for (;;) {
        const engines = places.flatMap(({ engine }) => engine ?? []);
        const waiting = engines.reduce((sum, engine) => sum + engine.num_pending, 0);
        if (waiting >= MAX_WAITING) throw new AppError('engine-busy', { waiting });
        if (engines.length > 0) return engines.reduce((least, engine) => (engine.num_pending < least.num_pending ? engine : least));
        const replacements = places.flatMap(({ replacement }) => replacement ?? []);
        if (replacements.length === 0) throw new AppError('engine-failed', { problem: 'it ends as soon as it is started' });
        await Promise.race(replacements);
      }
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
