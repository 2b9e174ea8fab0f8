/** What was forgotten: the likelihood of the base's own everyday answers under the challenger. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { Candidate } from '../../protocol/candidate.js';
import type { ServedModel } from '../../protocol/endpoint.js';
import type { Message } from '../../protocol/row.js';
import { sha256Text } from '../../store/hash.js';
import { askChat, scoreText } from './ask.js';
import { FORGETTING_PROBES } from './forgetting-probes.js';
import type { Measuring } from './gather-answers.js';

const MAX_ANSWER_TOKENS = 40;

/** @param base the model that the challenger was tuned from, at the same endpoint */
export async function gatherLikelihoods(challenger: Candidate, base: ServedModel, measuring: Measuring): Promise<void> {
  const { recorder } = measuring;
  const model = measuring.model(challenger);
  const endpoint = measuring.endpoint(challenger);
  const baseEndpoint = { ...endpoint, model: base.id };
  const greedy = plainCandidate(base);
  for (const [index, question] of FORGETTING_PROBES.entries()) {
    const example_id = sha256Text(question).slice(0, 32);
    if (!recorder.has('likelihood', challenger, example_id) && !recorder.has('not-measured', challenger, 'forgetting')) {
      const messages: Message[] = [{ role: 'user', content: question }];
      const { text } = await askChat(baseEndpoint, greedy, messages);
      const prompt = base.chat_template ? renderChat(base.chat_template, messages, true) : null;
      const under = async (target: typeof endpoint) => (prompt && text ? await scoreText(target, prompt, text) : null);
      const [mine, theirs] = [await under(endpoint), await under(baseEndpoint)];
      if (!mine || !theirs) {
        const reason = prompt ? 'the endpoint does not score given text' : 'the endpoint does not tell its chat template';
        recorder.add('not-measured', challenger, model, {
          example_id: 'forgetting',
          group: 'forgetting',
          repeat: 0,
          what: 'forgetting',
          reason,
        });
        return;
      }
      recorder.add('likelihood', challenger, model, {
        example_id,
        group: example_id,
        repeat: 0,
        reference_sha256: sha256Text(text),
        num_tokens: mine.num_tokens,
        base_logprob: theirs.logprob,
        logprob: mine.logprob,
      });
    }
    measuring.onProgress(index + 1, FORGETTING_PROBES.length);
  }
}

function plainCandidate(base: ServedModel): Candidate {
  return {
    name: 'base',
    model: base.id,
    model_sha256: base.sha256 ?? base.id,
    adapter_sha256: null,
    system: null,
    examples: [],
    decoding: { temperature: 0, max_tokens: MAX_ANSWER_TOKENS, json_schema: false },
    schema: null,
    identity: '',
  };
}
