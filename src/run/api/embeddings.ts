/** POST /v1/embeddings, of models that are made for it: their files say how the states of a text become one vector. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../protocol/errors.js';
import { EmbeddingRequest, parseBody } from './requests.js';
import { entryOf, type Served } from './served-models.js';

export function embeddings(app: FastifyInstance, served: Served): void {
  app.post('/v1/embeddings', async (request) => {
    const asked = parseBody(EmbeddingRequest, request.body);
    const entry = entryOf(served, asked.model);
    if (!entry.has_embeddings || entry.adapter_sha256 !== null) {
      const others = served.entries.filter(({ has_embeddings, adapter_sha256 }) => has_embeddings && adapter_sha256 === null);
      const instead =
        others.length > 0 ? `ask ${others.map(({ id }) => id).join(', ')}` : 'serve one that is (its GGUF has a pooling_type)';
      throw new AppError('request-invalid', { problem: `model: ${entry.id} is no embedding model; ${instead}` });
    }
    const engine = await served.pool.pick();
    const data = [];
    let prompt_tokens = 0;
    for (const [index, text] of [asked.input].flat().entries()) {
      const tokenIds = await engine.tokenize(text);
      const context_length = engine.context_length;
      if (tokenIds.length > context_length)
        throw new AppError('prompt-too-long', { prompt_tokens: tokenIds.length, max_tokens: 0, context_length });
      prompt_tokens += tokenIds.length;
      const { embedding } = await engine.embed(tokenIds);
      data.push({ object: 'embedding', index, embedding: asked.encoding_format === 'base64' ? base64(embedding) : embedding });
    }
    return { object: 'list', data, model: entry.id, usage: { prompt_tokens, total_tokens: prompt_tokens } };
  });
}

/** 32-bit floats, little-endian: what OpenAI's clients ask for by themselves. */
function base64(values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
