/** Style, icon and scripts: the few files that pages load, read once and named here. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../store/package.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M2 15h20l-3 5H5z" fill="#0b6e5f"/><path d="M11 3v10H4zM13 5l6 8h-6z" fill="#0b6e5f" opacity=".6"/></svg>`;

export function serveAssets(app: FastifyInstance): void {
  const folder = join(packageRoot(), 'dist', 'web');
  const serve = (path: string, type: string, text: string) => {
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`;
    app.get(`/assets/${path}`, (request, reply) => {
      reply.header('etag', etag).header('cache-control', 'no-cache').type(type);
      return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(text);
    });
  };
  serve('icon.svg', 'image/svg+xml', ICON);
  serve('style.css', 'text/css; charset=utf-8', readFileSync(join(folder, 'style.css'), 'utf8'));
  for (const name of readdirSync(join(folder, 'client')).filter((file) => file.endsWith('.js'))) {
    serve(`client/${name}`, 'text/javascript; charset=utf-8', readFileSync(join(folder, 'client', name), 'utf8'));
  }
}
