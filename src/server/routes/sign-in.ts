/** Signing in with the token, and the choice of theme. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseRequest } from '../../http/parse-request.js';
import { isSameSecret } from '../../http/same-secret.js';
import { adminTokenFile } from '../../store/home.js';
import { SignInPage } from '../../web/pages/sign-in-page.js';
import { ownPath } from '../../web/paths.js';
import { sendPage } from '../send-page.js';
import { setSession } from '../session-cookie.js';
import type { StudioContext } from '../studio-context.js';

/** Only a page of our own: another address here would send people anywhere after they have signed in. */
const OwnPath = z.string().transform(ownPath);
const SignIn = z.object({ token: z.string().max(200), back: OwnPath.default('/') });
const Theme = z.object({ theme: z.enum(['light', 'dark']), back: OwnPath.default('/') });
const ONE_YEAR_S = 365 * 24 * 60 * 60;

export function signInRoutes(app: FastifyInstance, { home, sessions, frame }: StudioContext, token: string): void {
  app.post('/sign-in', (request, reply) => {
    const { token: given, back } = parseRequest(SignIn, request.body);
    if (isSameSecret(given.trim(), token)) return setSession(request, reply, sessions.open()).redirect(back, 303);
    reply.status(401);
    return sendPage(reply, SignInPage({ frame: { ...frame(request), path: back }, token_file: adminTokenFile(home), is_wrong: true }));
  });

  app.post('/theme', (request, reply) => {
    const { theme, back } = parseRequest(Theme, request.body);
    return reply.setCookie('theme', theme, { sameSite: 'lax', path: '/', maxAge: ONE_YEAR_S }).redirect(back, 303);
  });
}
