/** The engines behind the chat: one a base model, started when somebody first asks, and again when another adapter is wanted. */
import { baseOf, type ChatServer, serveForChat } from '../flow/chat.js';

export interface ChatEngine {
  /** @returns the base URL that answers as this model or run */
  ready(id: string): Promise<string>;
  close(): Promise<void>;
}

export function createChatEngine(home: string): ChatEngine {
  const engines = new Map<string, { ids: Set<string>; server: Promise<ChatServer> }>();
  return {
    async ready(id) {
      const base = baseOf(home, id);
      const known = engines.get(base);
      if (known?.ids.has(id)) return (await known.server).base_url;
      const ids = new Set([...(known?.ids ?? []), id]);
      const server = (async () => {
        await known?.server.then((running) => running.close()).catch(() => undefined);
        return await serveForChat(home, [...ids], () => undefined);
      })();
      engines.set(base, { ids, server });
      // One that did not start is not asked again.
      server.catch(() => engines.delete(base));
      return (await server).base_url;
    },
    async close() {
      const servers = [...engines.values()].map(({ server }) => server.then((running) => running.close()).catch(() => undefined));
      await Promise.all(servers);
    },
  };
}
