/** The panel: every reviewer asked about every candidate. Rules, computed from evidence; software, and said to be. */
import type { Review, Reviewer, ReviewSentence } from '../../protocol/review.js';
import { askComplianceOfficer, COMPLIANCE_OFFICER } from './compliance-officer.js';
import { askEndUser, END_USER } from './end-user.js';
import { askFinancePerson, FINANCE_PERSON } from './finance-person.js';
import { askPlatformEngineer, PLATFORM_ENGINEER } from './platform-engineer.js';
import { type PanelRequest, type ReviewFacts, reviewFacts } from './review-facts.js';
import { askSceptic, SCEPTIC } from './sceptic.js';

const PANEL: [Reviewer, (facts: ReviewFacts) => ReviewSentence[]][] = [
  [PLATFORM_ENGINEER, askPlatformEngineer],
  [SCEPTIC, askSceptic],
  [COMPLIANCE_OFFICER, askComplianceOfficer],
  [FINANCE_PERSON, askFinancePerson],
  [END_USER, askEndUser],
];

export const REVIEWERS: Reviewer[] = PANEL.map(([reviewer]) => reviewer);

/** A reviewer says ship when nothing it looks at speaks against it. A pure function of the evidence. */
export function askPanel(request: PanelRequest): Review[] {
  return request.candidates.flatMap((candidate) => {
    const facts = reviewFacts(request, candidate);
    return PANEL.map(([reviewer, ask]): Review => {
      const sentences = ask(facts);
      return {
        reviewer: reviewer.id,
        candidate: candidate.name,
        stance: sentences.every(({ holds }) => holds) ? 'ship' : 'skip',
        sentences,
      };
    });
  });
}
