/** What the gate's reward model makes of each candidate's answers, and of the reference answers to the same prompts. */
import type { Candidate } from '../../protocol/candidate.js';
import { type AnswerEvidence, isOf } from '../../protocol/evidence.js';
import type { Message } from '../../protocol/row.js';
import { sha256Text } from '../../store/hash.js';
import { scoreConversations } from './ask.js';
import { exampleId, goOn, type Measuring, type ServedCandidate } from './measuring.js';

const WHAT = 'the reward of its answers';

export interface RewardModel {
  served: ServedCandidate;
  artifact_sha256: string;
}

/** Answers are scored after the row's own prompt: the rules and examples that a candidate was shown are no part of what is judged. */
export async function gatherRewards(candidates: Candidate[], measuring: Measuring, rewardModel: RewardModel): Promise<void> {
  const { recorder, rows, onProgress } = measuring;
  const { endpoint } = rewardModel.served;
  const byId = new Map(rows.map((row) => [exampleId(row), row]));
  const answers = recorder.lines().filter((line): line is AnswerEvidence => line.kind === 'answer');
  const wanted = candidates.flatMap((candidate) =>
    answers.flatMap((line) => {
      const row = byId.get(line.example_id);
      return row && isOf(line, candidate.name) ? [{ candidate, line, row }] : [];
    }),
  );
  let done = 0;
  for (const { candidate, line, row } of wanted) {
    goOn(measuring);
    onProgress(++done, wanted.length);
    const { example_id, group, answer } = line;
    if (recorder.has('reward', candidate, example_id) || recorder.has('not-measured', candidate, unrewardedId(example_id))) continue;
    const { tools } = row;
    const ended = (content: string) => ({ messages: [...row.messages.slice(0, -1), said(content)], ...(tools ? { tools } : {}) });
    const reference = { messages: row.messages, ...(tools ? { tools } : {}) };
    const scored = await scoreConversations(endpoint, [ended(answer), reference]);
    if ('reason' in scored) {
      recorder.add('not-measured', candidate, rewardModel.served.model, {
        example_id: unrewardedId(example_id),
        group,
        repeat: 0,
        what: WHAT,
        reason: scored.reason,
      });
      continue;
    }
    const [reward, reference_reward] = scored.rewards as [number, number];
    const of = { reward_model_sha256: rewardModel.artifact_sha256, answer_sha256: sha256Text(answer) };
    recorder.add('reward', candidate, rewardModel.served.model, { example_id, group, repeat: 0, ...of, reward, reference_reward });
  }
}

/** Of what could not be scored: the row's own id is that of a pair whose likelihood was not measured. */
export const unrewardedId = (example_id: string) => `reward ${example_id}`;

const said = (content: string): Message => ({ role: 'assistant', content });
