/** How likely each candidate finds the reference answers: all that can be measured of free text by rule, and no measure of quality. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import { messagesFor } from '../candidates.js';
import { scoreText } from './ask.js';
import { meanLogprob } from './figures.js';
import { inParallel } from './in-parallel.js';
import { exampleId, goOn, type Measuring } from './measuring.js';

const WHAT = 'the likelihood of the reference answers';

/** A row that cannot be scored is one row that was not measured; an endpoint that cannot score is asked once. */
export async function gatherReferences(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { recorder, rows, concurrency, servedOf, onProgress } = measuring;
  const wanted = candidates.flatMap((candidate) => rows.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  let done = 0;
  await inParallel(wanted, concurrency, async ({ candidate, row, example_id }) => {
    goOn(measuring);
    onProgress(++done, wanted.length);
    const isKnown = recorder.has('reference', candidate, example_id) || recorder.has('not-measured', candidate, example_id);
    if (isKnown || recorder.has('not-measured', candidate, 'references')) return;
    const { endpoint, model } = servedOf(candidate);
    const notMeasured = (id: string, reason: string) =>
      recorder.add('not-measured', candidate, model, { example_id: id, group: id, repeat: 0, what: WHAT, reason });
    if (!model.chat_template) return notMeasured('references', 'the endpoint does not report its chat template');
    const prompt = await renderChat(model.chat_template, messagesFor(candidate, row), { addGenerationPrompt: true });
    const scored = await scoreText(endpoint, prompt, row.messages.at(-1)?.content ?? '');
    if ('reason' in scored) return notMeasured(scored.is_endpoint ? 'references' : example_id, scored.reason);
    const logprob = meanLogprob(scored.token_logprobs);
    recorder.add('reference', candidate, model, { example_id, group: row.group ?? example_id, repeat: 0, ...scored, logprob });
  });
}
