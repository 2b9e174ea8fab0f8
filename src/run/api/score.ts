/** POST /v1/score: a reward model's score of each conversation's last answer. The answer's form is that of vLLM's score API. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ScoredConversation } from '../scorer/scorer.js';
import { parseBody, ScoreRequest } from './requests.js';
import { type Served, scorerOf } from './served-models.js';

export function score(app: FastifyInstance, served: Served): void {
  app.post('/v1/score', async (request) => {
    const { model, input } = parseBody(ScoreRequest, request.body);
    const { scorer } = scorerOf(served, model);
    const { rewards, prompt_tokens } = await scorer.score(input as ScoredConversation[]);
    return {
      id: `score-${randomUUID()}`,
      object: 'list',
      created: Math.floor(Date.now() / 1000),
      model,
      data: rewards.map((reward, index) => ({ index, object: 'score', score: reward })),
      usage: { prompt_tokens, total_tokens: prompt_tokens },
    };
  });
}
