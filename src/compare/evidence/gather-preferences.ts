/** How likely each candidate finds the better and the worse answer of each pair; of a reward model, how it scores them. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import type { ComparedRow, Row } from '../../protocol/row.js';
import { messagesFor } from '../candidates.js';
import { scoreConversations, scoreText } from './ask.js';
import { preferenceFigures } from './figures.js';
import { inParallel } from './in-parallel.js';
import { exampleId, goOn, type Measuring } from './measuring.js';

const KINDS = ['preference', 'scored-pair', 'not-measured'] as const;
const WHAT = 'which answer of a pair it prefers';

/** A pair that cannot be scored is one that was not measured; an endpoint that cannot score is asked once. */
export async function gatherPreferences(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { recorder, concurrency, servedOf, onProgress } = measuring;
  const pairs = measuring.rows.filter((row): row is ComparedRow & { rejected: Row['messages'] } => row.rejected !== undefined);
  const wanted = candidates.flatMap((candidate) => pairs.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  let done = 0;
  await inParallel(wanted, concurrency, async ({ candidate, row, example_id }) => {
    goOn(measuring);
    onProgress(++done, wanted.length);
    const isKnown = KINDS.some((kind) => recorder.has(kind, candidate, example_id));
    if (isKnown || recorder.has('not-measured', candidate, 'preferences')) return;
    const { endpoint, model } = servedOf(candidate);
    const notMeasured = (id: string, reason: string) =>
      recorder.add('not-measured', candidate, model, { example_id: id, group: id, repeat: 0, what: WHAT, reason });
    const group = row.group ?? example_id;
    if (model.is_reward_model) {
      const scored = await scoreConversations(endpoint, pairOf(row));
      if ('reason' in scored) return notMeasured(example_id, scored.reason);
      const [chosen_reward, rejected_reward] = scored.rewards as [number, number];
      return recorder.add('scored-pair', candidate, model, { example_id, group, repeat: 0, chosen_reward, rejected_reward });
    }
    const { chat_template } = model;
    if (!chat_template) return notMeasured('preferences', 'the endpoint does not report its chat template');
    const scoreOf = async (messages: Row['messages']) => {
      const prompt = await renderChat(chat_template, messagesFor(candidate, { ...row, messages }), { addGenerationPrompt: true });
      return await scoreText(endpoint, prompt, messages.at(-1)?.content ?? '');
    };
    const [chosen, rejected] = [await scoreOf(row.messages), await scoreOf(row.rejected)];
    for (const scored of [chosen, rejected])
      if ('reason' in scored) return notMeasured(scored.is_endpoint ? 'preferences' : example_id, scored.reason);
    if ('reason' in chosen || 'reason' in rejected) return;
    const tokens = { chosen_token_logprobs: chosen.token_logprobs, rejected_token_logprobs: rejected.token_logprobs };
    recorder.add('preference', candidate, model, { example_id, group, repeat: 0, ...tokens, ...preferenceFigures(tokens) });
  });
}

/** The two conversations of a pair as a reward model scores them, the better answer first. */
export function pairOf({ messages, rejected, tools }: ComparedRow): { messages: Row['messages']; tools?: unknown[] }[] {
  return [messages, rejected ?? []].map((one) => ({ messages: one, ...(tools ? { tools } : {}) }));
}
