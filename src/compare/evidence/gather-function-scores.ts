/** What the gate's function makes of every answer, one line of evidence each. */
import type { Candidate } from '../../protocol/candidate.js';
import type { AnswerEvidence } from '../../protocol/evidence.js';
import type { GateFunction } from '../../protocol/gate.js';
import { sha256Text } from '../../store/hash.js';
import { exampleId, goOn, type Measuring } from './measuring.js';
import { runFunction } from './run-function.js';

/** @throws MeasuringStopped, AppError function-failed */
export async function gatherFunctionScores(candidates: Candidate[], measuring: Measuring, scoring: GateFunction): Promise<void> {
  const { rows, recorder, onProgress } = measuring;
  const answers = new Map(
    recorder
      .lines()
      .filter((line): line is AnswerEvidence => line.kind === 'answer')
      .map((line) => [`${line.candidates[0]?.identity} ${line.example_id}`, line]),
  );
  const total = candidates.length * rows.length;
  let done = 0;
  for (const candidate of candidates) {
    goOn(measuring);
    const missing = rows.flatMap((row) => {
      const example_id = exampleId(row);
      const answered = answers.get(`${candidate.identity} ${example_id}`);
      return answered && !recorder.has('function-score', candidate, example_id) ? [{ row, answered }] : [];
    });
    done += rows.length - missing.length;
    const inputs = missing.map(({ row, answered }) => ({
      question: row.messages.findLast(({ role }) => role === 'user')?.content ?? '',
      expected: row.messages.at(-1)?.content ?? '',
      answer: answered.answer,
    }));
    await runFunction(scoring, inputs, (index, value) => {
      const { answered } = missing[index] as (typeof missing)[number];
      const { example_id, group, answer } = answered;
      recorder.add('function-score', candidate, null, { example_id, group, repeat: 0, answer_sha256: sha256Text(answer), value });
      onProgress(++done, total);
    });
    onProgress(done, total);
  }
}
