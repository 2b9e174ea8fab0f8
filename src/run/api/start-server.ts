/** The HTTP server on 127.0.0.1: the OpenAI-compatible routes, and one admin route behind a token. */
import fastify, { type FastifyInstance } from 'fastify';
import { asClientError } from '../../http/client-error.js';
import { refuseForeignHost } from '../../http/refuse-foreign-host.js';
import { isSameSecret } from '../../http/same-secret.js';
import { AppError } from '../../protocol/errors.js';
import { adminToken } from '../../store/admin-token.js';
import { adminTokenFile } from '../../store/home.js';
import { chatCompletions } from './chat-completions.js';
import { completions } from './completions.js';
import { errorBody } from './errors.js';
import { listServed, type Served } from './served-models.js';

/** A chat with a long document is some hundred kilobytes; ten times that is an attack or a mistake. */
const MAX_BODY_BYTES = 8_000_000;

/** A waiting line of 64 short answers, or a model that is loaded again, takes seconds. */
const RETRY_AFTER_S = 1;

export interface RunningServer {
  base_url: string;
  port: number;
  close(): Promise<void>;
}

/** @param port 0 takes a free one */
export async function startServer(home: string, served: Served, port: number): Promise<RunningServer> {
  const app = createApp(home, served);
  const address = await app.listen({ host: '127.0.0.1', port }).catch((cause: Error) => {
    throw new AppError('option-invalid', { option: '--port', problem: cause.message, command: 'serve' }, { cause });
  });
  const chosen = Number(new URL(address).port);
  return {
    base_url: `http://127.0.0.1:${chosen}/v1`,
    port: chosen,
    close: async () => {
      await app.close();
      await served.pool.close();
    },
  };
}

/** The routes without a socket, for tests too. */
export function createApp(home: string, served: Served): FastifyInstance {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  const created = Math.floor(Date.now() / 1000);
  const token = adminToken(home);
  app.addHook('onRequest', async (request) => {
    refuseForeignHost(request);
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
  app.get('/v1/models', () => listServed(served, created));
  chatCompletions(app, served);
  completions(app, served);
  app.post('/admin/stop', (request) => {
    if (!isSameSecret(request.headers.authorization ?? '', `Bearer ${token}`))
      throw new AppError('unauthorized', { token_file: adminTokenFile(home) });
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));
    return { stopping: true };
  });
  return app;
}
