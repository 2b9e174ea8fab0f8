/** The engines behind the chat: one a base model, started by the first question, and restarted when another adapter is needed. */
import { baseOf, type ChatServer, serveForChat } from '../flow/chat/chat.js';

export interface ChatEngine {
  /**
   * Lends the engine that answers as this model or run; it is not stopped before it is given back.
   * @param beside what is asked at the same time, so that one start serves all
   */
  borrow(id: string, beside: string[]): Promise<{ server: ChatServer; giveBack: () => void }>;
  close(): Promise<void>;
}

interface Running {
  ids: Set<string>;
  server: Promise<ChatServer>;
  num_borrowed: number;
  /** Called when it is not in use any more. */
  onIdle: (() => void)[];
}

export function createChatEngine(home: string): ChatEngine {
  const engines = new Map<string, Running>();
  const start = (base: string, ids: Set<string>, before: Running | undefined): Running => {
    const server = (async () => {
      if (before) await stop(before);
      return await serveForChat(home, [...ids], () => undefined);
    })();
    const running = { ids, server, num_borrowed: 0, onIdle: [] };
    engines.set(base, running);
    // One that did not start is not asked again.
    server.catch(() => engines.delete(base));
    return running;
  };
  return {
    async borrow(id, beside) {
      const base = baseOf(home, id);
      // A base is served with whatever adapters there are.
      const wanted = [id, ...beside.filter((other) => baseOf(home, other) === base)];
      const known = engines.get(base);
      const hasAll = known !== undefined && wanted.every((one) => one === base || known.ids.has(one));
      const running = hasAll ? known : start(base, new Set([...(known?.ids ?? []), ...wanted]), known);
      running.num_borrowed++;
      const giveBack = () => {
        running.num_borrowed--;
        if (running.num_borrowed === 0) for (const tell of running.onIdle.splice(0)) tell();
      };
      try {
        return { server: await running.server, giveBack };
      } catch (error) {
        giveBack();
        throw error;
      }
    },
    async close() {
      await Promise.all([...engines.values()].map(({ server }) => server.then((running) => running.close()).catch(() => undefined)));
    },
  };
}

async function stop(running: Running): Promise<void> {
  if (running.num_borrowed > 0) await new Promise<void>((resolve) => running.onIdle.push(resolve));
  await running.server.then((server) => server.close()).catch(() => undefined);
}
