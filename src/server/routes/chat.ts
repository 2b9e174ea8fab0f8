/** Chat with one model or two: as a form that comes back with the answers, and as a stream for the script of the page. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ChatRequest, streamAnswer } from '../../flow/chat/chat.js';
import { clientLeaving } from '../../http/client-leaving.js';
import { openStream } from '../../http/open-stream.js';
import { parseRequest } from '../../http/parse-request.js';
import { Artifact } from '../../protocol/artifact.js';
import { ANSWER_END, type AnswerFigures, ChatSettings, ChatTurn } from '../../protocol/chat.js';
import { AppError, asAppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { readJsonIfKnown } from '../../store/files.js';
import { runFiles, runFolder } from '../../store/home.js';
import { listRuns } from '../../store/runs.js';
import { readStatus } from '../../tune/launch/attempts.js';
import { ChatPage } from '../../web/pages/chat-page.js';
import type { ChatEngine } from '../chat-engine.js';
import { sendPage } from '../send-page.js';
import type { StudioContext } from '../studio-context.js';

/** A context of 2,048 tokens holds no more; what is longer was not typed. */
const MAX_QUESTION = 8000;
const MAX_TURNS = 50;
const Asked = z.object({
  a: z.string(),
  b: z.string().default(''),
  question: z.string().trim().min(1).max(MAX_QUESTION),
  turns: z.string().default('[]'),
  ...ChatSettings.shape,
});

/** A run whose artifact cannot be read stays in the list: asked, it says why. */
const answers = (run: string) => readStatus(run) === 'done' && readJsonIfKnown(runFiles(run).artifact, Artifact)?.kind !== 'reward-model';

export function chatRoutes(app: FastifyInstance, { home, frame }: StudioContext, engine: ChatEngine): void {
  const models = () => [
    ...listRuns(home).flatMap(({ id }) => (answers(runFolder(home, id)) ? [id] : [])),
    ...listModels(home).map(({ id }) => id),
  ];

  async function* answerOf(request: Required<ChatRequest>, beside: string[]): AsyncGenerator<string, number | null> {
    const { model } = request;
    const known = models();
    const unknown = [model, ...beside].find((id) => !known.includes(id));
    if (unknown !== undefined) throw new AppError('model-not-found', { model: unknown, known: known.join(', ') });
    const { server, giveBack } = await engine.borrow(model, beside);
    try {
      return yield* streamAnswer(server, request);
    } finally {
      giveBack();
    }
  }

  app.get<{ Querystring: { a?: string; b?: string } }>('/chat', (request, reply) => {
    const known = models();
    const a = known.find((id) => id === request.query.a) ?? known[0] ?? '';
    const b = known.find((id) => id === request.query.b && id !== a) ?? null;
    return sendPage(
      reply,
      ChatPage({ frame: frame(request), models: known, a, b, turns: [], settings: ChatSettings.parse({}), problem: null }),
    );
  });

  app.post('/chat', async (request, reply) => {
    const { a, b, question, turns, settings } = parseAsked(request.body);
    const sides = [a, ...(b && b !== a ? [b] : [])];
    const answers: ChatTurn['answers'] = [];
    let problem: { message: string; hint: string } | null = null;
    for (const model of sides) {
      try {
        const text: string[] = [];
        const messages = messagesOf({ turns, model, question, system: settings.system });
        for await (const piece of answerOf({ model, messages, settings, signal: clientLeaving(reply) }, sides)) text.push(piece);
        answers.push({ model, text: text.join('') });
      } catch (thrown) {
        const { message, hint } = asAppError(thrown);
        problem = { message, hint };
      }
    }
    const shown = answers.length > 0 ? [...turns, { question, answers }] : turns;
    return sendPage(
      reply,
      ChatPage({ frame: { ...frame(request), path: '/chat' }, models: models(), a, b: sides[1] ?? null, turns: shown, settings, problem }),
    );
  });

  /** One model's answer as plain text, as it is written, and then how fast that was. */
  app.post('/chat/answer', async (request, reply) => {
    const { a: model, b: beside, question, turns, settings } = parseAsked(request.body);
    const messages = messagesOf({ turns, model, question, system: settings.system });
    const answer = answerOf({ model, messages, settings, signal: clientLeaving(reply) }, beside ? [beside] : []);
    // What cannot start is an error with a status; after that the answer is under way.
    let piece = await answer.next();
    const started = performance.now();
    const stream = openStream(reply, 'text/plain; charset=utf-8');
    try {
      for (; !piece.done; piece = await answer.next()) stream.write(piece.value);
      const figures: AnswerFigures = { num_tokens: piece.value, duration_ms: performance.now() - started };
      stream.write(`${ANSWER_END}${JSON.stringify(figures)}`);
    } catch (thrown) {
      stream.write(`\n[${asAppError(thrown).message}]`);
    }
    stream.end();
  });
}

/** @throws AppError request-invalid */
function parseAsked(body: unknown): { a: string; b: string; question: string; turns: ChatTurn[]; settings: ChatSettings } {
  const { system, temperature, max_tokens, ...asked } = parseRequest(Asked, body);
  const turns = parseRequest(
    z
      .string()
      .transform((text, context) => jsonOf(text, context))
      .pipe(z.array(ChatTurn).max(MAX_TURNS)),
    asked.turns,
  );
  return { ...asked, turns, settings: { system, temperature, max_tokens } };
}

function jsonOf(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'turns: not JSON' });
    return z.NEVER;
  }
}

/** The conversation as this model has had it. */
function messagesOf({ turns, model, question, system }: { turns: ChatTurn[]; model: string; question: string; system: string }): Message[] {
  const earlier = turns.flatMap((turn): Message[] => {
    const answer = turn.answers.find((one) => one.model === model);
    return answer
      ? [
          { role: 'user', content: turn.question },
          { role: 'assistant', content: answer.text },
        ]
      : [];
  });
  const rules: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return [...rules, ...earlier, { role: 'user', content: question }];
}
