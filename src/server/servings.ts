/** What the studio serves to programs of this machine: each model or run with a server of its own, until it is stopped or the studio ends. */
import { type ChatServer, type ServedIds, serveForChat } from '../flow/chat/chat.js';
import type { Reporter } from '../flow/reporter.js';

export type Serving = ChatServer & ServedIds;

export interface Servings {
  /** Asked for twice, it is one. @throws AppError those of serving */
  start(id: string, port: number, reporter: Reporter): Promise<Serving>;
  find(id: string): Serving | undefined;
  stop(id: string): Promise<void>;
  close(): Promise<void>;
}

export function createServings(home: string): Servings {
  const started = new Map<string, Promise<Serving>>();
  const running = new Map<string, Serving>();
  const stop = async (id: string) => {
    const serving = started.get(id);
    started.delete(id);
    running.delete(id);
    await serving?.then((server) => server.close()).catch(() => undefined);
  };
  return {
    find: (id) => running.get(id),
    stop,
    start(id, port, reporter) {
      const known = started.get(id);
      if (known) return known;
      const serving = serveForChat(home, [id], reporter.progress, port).then((server) => {
        if (started.get(id) === serving) running.set(id, server);
        return server;
      });
      started.set(id, serving);
      // One that did not start can be started again.
      serving.catch(() => started.delete(id));
      return serving;
    },
    close: async () => {
      await Promise.all([...started.keys()].map(stop));
    },
  };
}
