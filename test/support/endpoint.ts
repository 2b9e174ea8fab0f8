/** A server of one model that answers by a rule, and keeps what it was asked for: what a comparison asks for is counted. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Endpoint {
  server: Server;
  address: string;
  models: Set<string>;
  /** What came as the key. */
  keys: Set<string>;
  numAsked: number;
  /** That each answer takes. */
  delay_ms: number;
}

type Listing = 'my-model' | 'nothing' | 'no such route';

/** @param key what each request has to carry; undefined: none */
export function startEndpoint(answer: (question: string) => string, listing: Listing = 'my-model', key?: string): Promise<Endpoint> {
  const made: Endpoint = { server: createServer(), address: '', models: new Set(), keys: new Set(), numAsked: 0, delay_ms: 0 };
  made.server.on('request', (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', async () => {
      made.keys.add(request.headers.authorization ?? 'none');
      if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
        return response.writeHead(401).end(JSON.stringify({ error: { message: `wrong key: ${request.headers.authorization}` } }));
      if (request.url?.endsWith('/models')) {
        if (listing === 'no such route') return response.writeHead(500).end('Internal Server Error');
        const listed = listing === 'nothing' ? [] : [{ id: listing, object: 'model', created: 0, owned_by: 'me' }];
        return response.end(JSON.stringify({ object: 'list', data: listed }));
      }
      const asked = JSON.parse(body) as { model: string; stream?: boolean; messages: { content: string }[] };
      if (listing === 'no such route' && 'cache_prompt' in asked) return response.writeHead(400).end('Unexpected fields');
      made.models.add(asked.model);
      made.numAsked++;
      await new Promise((resolve) => setTimeout(resolve, made.delay_ms));
      const content = answer(asked.messages.at(-1)?.content ?? '');
      const usage = { prompt_tokens: 5, completion_tokens: 2 };
      if (!asked.stream) return response.end(JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }], usage }));
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    });
  });
  return new Promise((resolve) => {
    made.server.listen(0, '127.0.0.1', () => {
      made.address = `http://127.0.0.1:${(made.server.address() as AddressInfo).port}/v1`;
      resolve(made);
    });
  });
}
