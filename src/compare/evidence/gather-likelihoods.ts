/** What was forgotten: the likelihood of the base's own everyday answers under the challenger. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import type { ServedModel } from '../../protocol/endpoint.js';
import type { Message } from '../../protocol/row.js';
import { sha256Text } from '../../store/hash.js';
import { askChat, scoreText } from './ask.js';
import { meanLogprob } from './figures.js';
import { FORGETTING_PROBES } from './forgetting-probes.js';
import { inParallel } from './in-parallel.js';
import { goOn, type Measuring } from './measuring.js';

const MAX_ANSWER_TOKENS = 40;

export async function gatherLikelihoods(challenger: Candidate, measuring: Measuring): Promise<void> {
  const { recorder, concurrency, onProgress, servedOf } = measuring;
  const { endpoint, model, base } = servedOf(challenger);
  const notMeasured = (id: string, reason: string) =>
    recorder.add('not-measured', challenger, model, { example_id: id, group: id, repeat: 0, what: 'forgetting', reason });
  if (recorder.has('not-measured', challenger, 'forgetting')) return;
  if (!base) return notMeasured('forgetting', 'its base is not served beside it');
  const { chat_template } = base;
  if (!chat_template) return notMeasured('forgetting', 'the endpoint does not report its chat template');
  const baseEndpoint = { ...endpoint, model: base.id };
  let done = 0;
  await inParallel([...FORGETTING_PROBES], concurrency, async (question) => {
    goOn(measuring);
    onProgress(++done, FORGETTING_PROBES.length);
    const example_id = exampleIdOf(question);
    const isKnown = recorder.has('likelihood', challenger, example_id) || recorder.has('not-measured', challenger, example_id);
    if (isKnown || recorder.has('not-measured', challenger, 'forgetting')) return;
    const messages: Message[] = [{ role: 'user', content: question }];
    const { text } = await askChat(baseEndpoint, plainCandidate(base), messages);
    if (!text) return notMeasured(example_id, 'the base answered nothing');
    const prompt = await renderChat(chat_template, messages, { addGenerationPrompt: true });
    const [mine, theirs] = [await scoreText(endpoint, prompt, text), await scoreText(baseEndpoint, prompt, text)];
    for (const scored of [mine, theirs])
      if ('reason' in scored) return notMeasured(scored.is_endpoint ? 'forgetting' : example_id, scored.reason);
    if ('reason' in mine || 'reason' in theirs) return;
    recorder.add('likelihood', challenger, model, {
      example_id,
      group: example_id,
      repeat: 0,
      reference_sha256: sha256Text(text),
      base_token_logprobs: theirs.token_logprobs,
      token_logprobs: mine.token_logprobs,
      base_logprob: meanLogprob(theirs.token_logprobs),
      logprob: meanLogprob(mine.token_logprobs),
    });
  });
}

export const exampleIdOf = (question: string) => sha256Text(question).slice(0, 32);

/** The base without a prompt of its own, decoded greedily. */
function plainCandidate(base: ServedModel): Candidate {
  return {
    name: 'base',
    model: base.id,
    model_ref: base.id,
    model_sha256: base.sha256 ?? base.id,
    adapter_sha256: null,
    system: null,
    examples: [],
    decoding: { temperature: 0, max_tokens: MAX_ANSWER_TOKENS, json_schema: false },
    schema: null,
    identity: '',
  };
}
