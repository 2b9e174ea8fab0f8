/** The studio: pages for people, rendered here, on 127.0.0.1 only. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asClientError } from '../http/client-error.js';
import { CONNECTION_LIMITS } from '../http/connection-limits.js';
import { refuseForeignHost } from '../http/refuse-foreign-host.js';
import { refuseOtherUser } from '../http/refuse-other-user.js';
import { isSameSecret } from '../http/same-secret.js';
import { AppError } from '../protocol/errors.js';
import { adminToken } from '../store/admin-token.js';
import { adminTokenFile } from '../store/home.js';
import type { Frame } from '../web/layout.js';
import { ErrorPage } from '../web/pages/error-page.js';
import { SignInPage } from '../web/pages/sign-in-page.js';
import { ownPath } from '../web/paths.js';
import { renderPage } from '../web/render-page.js';
import { serveAssets } from './assets.js';
import { type ChatEngine, createChatEngine } from './chat-engine.js';
import { createPreparings } from './preparing.js';
import { chatRoutes } from './routes/chat.js';
import { compareStartRoutes } from './routes/compare-start.js';
import { comparisonRoutes } from './routes/comparisons.js';
import { dataRoutes } from './routes/data.js';
import { endpointRoutes } from './routes/endpoints.js';
import { gateRoutes } from './routes/gate.js';
import { modelRoutes } from './routes/models.js';
import { runRoutes } from './routes/runs.js';
import { serveRoutes } from './routes/serve.js';
import { signInRoutes } from './routes/sign-in.js';
import { startRoutes } from './routes/start.js';
import { sendPage } from './send-page.js';
import { createServings, type Servings } from './servings.js';
import { sessionOf, setSession } from './session-cookie.js';
import { createSessions, type Sessions } from './sessions.js';
import type { StudioContext } from './studio-context.js';

export interface Studio {
  port: number;
  /** The address of a page with a key that signs one browser in. */
  link(path: string): string;
  close(): Promise<void>;
}

/** A recipe or a chat is some kilobytes. */
const MAX_BODY_BYTES = 1_000_000;
/** Scripts and styles from here, nothing from elsewhere, nothing in line; no page of others around ours. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // `no-referrer` would make browsers send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * @param port 0 takes a free one
 * @param data_folders where files may lie that a recipe names which is started from the browser
 */
export async function startStudio(home: string, { port, data_folders }: { port: number; data_folders: string[] }): Promise<Studio> {
  const sessions = createSessions();
  const chatEngine = createChatEngine(home);
  const servings = createServings(home);
  const app = createStudio(home, sessions, { chatEngine, servings, data_folders });
  const address = await app.listen({ host: '127.0.0.1', port }).catch((cause: Error) => {
    throw new AppError('option-invalid', { option: '--port', problem: cause.message, command: 'studio' }, { cause });
  });
  const chosen = Number(new URL(address).port);
  return {
    port: chosen,
    link(path) {
      const url = new URL(path, `http://127.0.0.1:${chosen}`);
      url.searchParams.set('key', sessions.makeKey());
      return url.href;
    },
    close: async () => {
      await app.close();
      await Promise.all([chatEngine.close(), servings.close()]);
    },
  };
}

/** The routes without a socket, for tests too. */
export function createStudio(
  home: string,
  sessions: Sessions,
  {
    chatEngine = createChatEngine(home),
    servings = createServings(home),
    data_folders = [process.cwd()],
  }: { chatEngine?: ChatEngine; servings?: Servings; data_folders?: string[] } = {},
): FastifyInstance {
  const app = fastify({ ...CONNECTION_LIMITS, bodyLimit: MAX_BODY_BYTES });
  const token = adminToken(home);
  app.register(cookie);
  app.register(formbody);
  const context: StudioContext = {
    home,
    sessions,
    data_folders,
    preparings: createPreparings(),
    frame: (request) => frameOf(request, sessions),
  };

  app.addHook('onRequest', async (request, reply) => {
    refuseForeignHost(request);
    refuseOtherUser(request);
    reply.headers(SECURITY_HEADERS);
  });
  app.addHook('preHandler', async (request, reply) => {
    const isPublic = /^\/(assets\/|sign-in$|theme$)/.test(request.url);
    if (isPublic) return;
    const session = sessionOf(request);
    const { key } = request.query as { key?: string };
    if (request.method === 'GET' && typeof key === 'string') return await useLink(request, reply, sessions, key);
    const hasToken = isSameSecret(request.headers.authorization ?? '', `Bearer ${token}`);
    if (!sessions.isOpen(session) && !hasToken) {
      const frame = context.frame(request);
      return await reply
        .status(401)
        .type('text/html; charset=utf-8')
        .send(renderPage(SignInPage({ frame, token_file: adminTokenFile(home), is_wrong: false })));
    }
    if (request.method !== 'GET' && !hasToken) refuseForged(request, sessions, session as string);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (!accepts || typeof payload !== 'string' || payload.length < 1000) return payload;
    reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').removeHeader('content-length');
    return gzipSync(payload);
  });
  app.setErrorHandler((thrown: Error, request, reply) => showError(request, reply, context, asClientError(thrown).error));
  app.setNotFoundHandler((request, reply) =>
    showError(request, reply, context, new AppError('page-not-found', { path: request.url.split('?')[0] ?? '' })),
  );
  serveAssets(app);
  app.register(async (scope) => {
    signInRoutes(scope, context, token);
    dataRoutes(scope, context);
    runRoutes(scope, context);
    startRoutes(scope, context);
    gateRoutes(scope, context);
    comparisonRoutes(scope, context);
    compareStartRoutes(scope, context);
    modelRoutes(scope, context);
    endpointRoutes(scope, context);
    chatRoutes(scope, context, chatEngine);
    serveRoutes(scope, context, servings);
    scope.get('/', (_request, reply) => reply.redirect('/runs'));
  });
  return app;
}

function frameOf(request: FastifyRequest, sessions: Sessions): Frame {
  const session = sessionOf(request);
  const isSignedIn = sessions.isOpen(session);
  const { theme } = request.cookies;
  const [path = '/', query = ''] = request.url.split('?');
  const kept = new URLSearchParams(query);
  kept.delete('key');
  return {
    path: request.method === 'GET' ? join('/', path) + (kept.size > 0 ? `?${kept}` : '') : '/',
    theme: theme === 'light' || theme === 'dark' ? theme : null,
    csrf: isSignedIn ? sessions.csrf(session) : '',
    is_signed_in: isSignedIn,
  };
}

async function useLink(request: FastifyRequest, reply: FastifyReply, sessions: Sessions, key: string): Promise<FastifyReply> {
  const clean = new URL(ownPath(request.url), 'http://127.0.0.1');
  clean.searchParams.delete('key');
  const session = sessions.useKey(key);
  // A key that was used sends on to the page, which asks for the token unless this browser is signed in already.
  if (session) setSession(request, reply, session);
  return await reply.redirect(ownPath(clean.pathname + clean.search), 303);
}

/** @throws AppError request-forged */
function refuseForged(request: FastifyRequest, sessions: Sessions, session: string): void {
  const body = request.body as { csrf?: unknown } | null;
  const given = request.headers['x-csrf-token'] ?? body?.csrf;
  const { origin, host } = request.headers;
  const isOurs = origin === undefined || origin === `http://${host}`;
  if (!isOurs || typeof given !== 'string' || !isSameSecret(given, sessions.csrf(session))) throw new AppError('request-forged');
}

function showError(request: FastifyRequest, reply: FastifyReply, context: StudioContext, error: AppError): FastifyReply {
  const { code, message, hint } = error;
  reply.status(error.http_status);
  if (!String(request.headers.accept ?? '').includes('text/html')) return reply.send({ error: { code, message, hint } });
  return sendPage(reply, ErrorPage({ frame: context.frame(request), error: { code, message, hint } }));
}
