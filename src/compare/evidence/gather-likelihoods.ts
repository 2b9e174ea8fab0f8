/** What was forgotten: the likelihood of the base's own everyday answers under the challenger. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import type { ServedModel } from '../../protocol/endpoint.js';
import type { Message } from '../../protocol/row.js';
import { sha256Text } from '../../store/hash.js';
import { askChat, scoreText } from './ask.js';
import { FORGETTING_PROBES } from './forgetting-probes.js';
import { inParallel } from './in-parallel.js';
import { goOn, type Measuring } from './measuring.js';

const MAX_ANSWER_TOKENS = 40;

export async function gatherLikelihoods(challenger: Candidate, measuring: Measuring): Promise<void> {
  const { recorder, concurrency, onProgress, servedOf } = measuring;
  const { endpoint, model, base } = servedOf(challenger);
  const notMeasured = (reason: string) => {
    const whole = { example_id: 'forgetting', group: 'forgetting', repeat: 0, what: 'forgetting', reason };
    recorder.add('not-measured', challenger, model, whole);
  };
  if (recorder.has('not-measured', challenger, 'forgetting')) return;
  if (!base) return notMeasured('its base is not served beside it');
  const baseEndpoint = { ...endpoint, model: base.id };
  let done = 0;
  await inParallel([...FORGETTING_PROBES], concurrency, async (question) => {
    goOn(measuring);
    onProgress(++done, FORGETTING_PROBES.length);
    const example_id = sha256Text(question).slice(0, 32);
    if (recorder.has('likelihood', challenger, example_id) || recorder.has('not-measured', challenger, 'forgetting')) return;
    const messages: Message[] = [{ role: 'user', content: question }];
    const { text } = await askChat(baseEndpoint, plainCandidate(base), messages);
    const prompt = base.chat_template ? renderChat(base.chat_template, messages, true) : null;
    const under = async (target: typeof endpoint) => (prompt && text ? await scoreText(target, prompt, text) : null);
    const [mine, theirs] = [await under(endpoint), await under(baseEndpoint)];
    if (!mine || !theirs)
      return notMeasured(prompt ? 'the endpoint does not score given text' : 'the endpoint does not report its chat template');
    recorder.add('likelihood', challenger, model, {
      example_id,
      group: example_id,
      repeat: 0,
      reference_sha256: sha256Text(text),
      num_tokens: mine.num_tokens,
      base_logprob: theirs.logprob,
      logprob: mine.logprob,
    });
  });
}

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
