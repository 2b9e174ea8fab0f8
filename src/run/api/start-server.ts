/** The HTTP server on 127.0.0.1: the OpenAI-compatible routes, and one admin route behind a token. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fastify, { type FastifyInstance } from 'fastify';
import { asClientError } from '../../http/client-error.js';
import { CONNECTION_LIMITS } from '../../http/connection-limits.js';
import { refuseForeignHost } from '../../http/refuse-foreign-host.js';
import { isSameSecret } from '../../http/same-secret.js';
import { AppError } from '../../protocol/errors.js';
import { adminToken } from '../../store/admin-token.js';
import { adminTokenFile } from '../../store/home.js';
import { chatCompletions } from './chat-completions.js';
import { completions } from './completions.js';
import { embeddings } from './embeddings.js';
import { errorBody } from './errors.js';
import { score } from './score.js';
import { models, type Served } from './served-models.js';

/** A chat with a long document is some hundred kilobytes; ten times that is an attack or a mistake. */
const MAX_BODY_BYTES = 8_000_000;

/** An engine notices at its next token; a prompt of 2,000 tokens takes longer, and is not waited for. */
const MAX_ENDING_MS = 5000;

/** A waiting line of 64 short answers, or a model that is loaded again, takes seconds. */
const RETRY_AFTER_S = 1;

export interface RunningServer {
  base_url: string;
  /** What each request has to carry; null: none. */
  api_key: string | null;
  port: number;
  close(): Promise<void>;
}

/** A key for a server that this process starts for itself: other users of this machine reach its address too. */
export const randomApiKey = () => `sk-slipway-${randomBytes(24).toString('base64url')}`;

/** @param port 0 takes a free one */
export async function startServer(
  home: string,
  pooled: Omit<Served, 'ending'>,
  { port, api_key }: { port: number; api_key: string | null },
): Promise<RunningServer> {
  const end = new AbortController();
  const served = { ...pooled, ending: end.signal };
  const { app, answered } = createApp(home, served, api_key);
  const address = await app.listen({ host: '127.0.0.1', port }).catch((cause: Error) => {
    throw new AppError('option-invalid', { option: '--port', problem: cause.message, command: 'serve' }, { cause });
  });
  const chosen = Number(new URL(address).port);
  return {
    base_url: `http://127.0.0.1:${chosen}/v1`,
    api_key,
    port: chosen,
    close: async () => {
      end.abort();
      await Promise.race([answered(), new Promise((resolve) => setTimeout(resolve, MAX_ENDING_MS).unref())]);
      await app.close();
      await served.pool.close();
      for (const { scorer } of served.scorers) await scorer.close();
    },
  };
}

/** @returns the app, and a wait for the answers that are under way */
function createApp(home: string, served: Served, api_key: string | null): { app: FastifyInstance; answered: () => Promise<unknown> } {
  const app = fastify({ ...CONNECTION_LIMITS, bodyLimit: MAX_BODY_BYTES });
  const token = adminToken(home);
  const underWay = new Set<Promise<unknown>>();
  app.addHook('onRequest', async (request, reply) => {
    // By which a client's log and a report of it name one request.
    reply.header('x-request-id', randomUUID());
    refuseForeignHost(request);
    if (served.ending.aborted) throw new AppError('server-ending');
    const answer = once(reply.raw, 'close');
    underWay.add(answer);
    void answer.finally(() => underWay.delete(answer)).catch(() => undefined);
    if (api_key && request.url.startsWith('/v1/') && !isSameSecret(request.headers.authorization ?? '', `Bearer ${api_key}`))
      throw new AppError('api-key-wrong', { reason: request.headers.authorization === undefined ? 'none was sent' : 'another was sent' });
  });
  app.setErrorHandler((thrown: Error, _request, reply) => {
    const { error, status } = asClientError(thrown);
    if (status === 429 || status === 503) reply.header('retry-after', RETRY_AFTER_S);
    return reply.status(status).send(errorBody(error));
  });
  app.setNotFoundHandler((request, reply) => {
    const base_url = `http://${request.headers.host}/v1`;
    const error = new AppError('route-not-found', { method: request.method, path: request.url, base_url });
    return reply.status(error.http_status).send(errorBody(error));
  });
  app.get('/health', () => ({ status: 'ok' }));
  models(app, served);
  chatCompletions(app, served);
  completions(app, served);
  embeddings(app, served);
  score(app, served);
  app.post('/admin/stop', (request) => {
    if (!isSameSecret(request.headers.authorization ?? '', `Bearer ${token}`))
      throw new AppError('unauthorized', { token_file: adminTokenFile(home) });
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));
    return { stopping: true };
  });
  return { app, answered: () => Promise.allSettled(underWay) };
}
