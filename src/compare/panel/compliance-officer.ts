/** The compliance officer: can it be traced, and was everything looked at? */
import type { Reviewer, ReviewSentence } from '../../protocol/review.js';
import { percent } from '../../protocol/units.js';
import { type ReviewFacts, sentence } from './review-facts.js';

export const COMPLIANCE_OFFICER: Reviewer = {
  id: 'compliance-officer',
  name: 'Compliance officer',
  lens: 'traceability, completeness, malformed records',
  motto: 'What cannot be traced cannot be signed.',
  kind: 'rule',
};

/** A malformed record is one that somebody has to find by hand. */
const LEAST_WELL_FORMED = 0.99;

export function askComplianceOfficer({
  candidate,
  figures,
  num_rows,
  num_test_rows,
  not_measured,
  is_scorer,
}: ReviewFacts): ReviewSentence[] {
  const isTraced = /^[0-9a-f]{64}$/.test(candidate.model_sha256);
  const adapter = candidate.adapter_sha256 ? ` and adapter ${candidate.adapter_sha256.slice(0, 12)}…` : '';
  const sentences = [
    candidate.constant !== undefined
      ? sentence(true, `"${candidate.constant}"`, 'Its only answer is {}, and that is on file.')
      : isTraced
        ? sentence(true, `sha256 ${candidate.model_sha256.slice(0, 12)}…${adapter}`, 'What answered is known by its bytes: {}.')
        : sentence(false, `"${candidate.model}"`, 'What answered is known by the name {} only: its owner may change it overnight.'),
    sentence(
      num_rows === num_test_rows,
      `${num_rows} of ${num_test_rows} test rows`,
      `It ${is_scorer ? 'scored' : 'answered'} {}; a gap is where the bad cases hide.`,
    ),
  ];
  if (figures.valid_json != null) {
    sentences.push(sentence(figures.valid_json >= LEAST_WELL_FORMED, percent(figures.valid_json), 'Well-formed records: {}.'));
  }
  if (not_measured.length > 0) {
    sentences.push(sentence(false, not_measured.join(', '), 'Asked for by the gate and not measured: {}.'));
  }
  return sentences;
}
