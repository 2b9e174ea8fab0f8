/** How likely each candidate finds the reference answers: all that can be measured of free text by rule, and no measure of quality. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import { messagesFor } from '../candidates.js';
import { scoreText } from './ask.js';
import { inParallel } from './in-parallel.js';
import { exampleId, goOn, type Measuring } from './measuring.js';

export async function gatherReferences(candidates: Candidate[], measuring: Measuring): Promise<void> {
  const { recorder, rows, concurrency, servedOf, onProgress } = measuring;
  const wanted = candidates.flatMap((candidate) => rows.map((row) => ({ candidate, row, example_id: exampleId(row) })));
  let done = 0;
  await inParallel(wanted, concurrency, async ({ candidate, row, example_id }) => {
    goOn(measuring);
    onProgress(++done, wanted.length);
    if (recorder.has('reference', candidate, example_id) || recorder.has('not-measured', candidate, 'references')) return;
    const { endpoint, model } = servedOf(candidate);
    const prompt = model.chat_template ? renderChat(model.chat_template, messagesFor(candidate, row), true) : null;
    const scored = prompt ? await scoreText(endpoint, prompt, row.messages.at(-1)?.content ?? '') : null;
    if (scored) {
      recorder.add('reference', candidate, model, { example_id, group: row.group ?? example_id, repeat: 0, ...scored });
      return;
    }
    const reason = prompt ? 'the endpoint does not score given text' : 'the endpoint does not report its chat template';
    const whole = { example_id: 'references', group: 'references', repeat: 0, what: 'the likelihood of the reference answers', reason };
    recorder.add('not-measured', candidate, model, whole);
  });
}
