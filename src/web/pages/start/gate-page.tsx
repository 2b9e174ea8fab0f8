/** The rule for a verdict as a form beside its text; each changes the other (web/client/check-text.ts). */
import { basename } from 'node:path';
import type { FormField } from '../../../protocol/form-field.js';
import { type Frame, Layout } from '../../layout.js';
import { EditedYaml } from '../../parts/edited-yaml.js';
import { Csrf } from '../../parts/small-parts.js';
import { runPath, startPath } from '../../paths.js';
import { FindingList, type Findings } from './start-page.js';

interface GatePageProps {
  frame: Frame;
  recipe: string;
  /** That is compared under it; empty: none, it goes into the recipe. */
  run: string;
  text: string;
  findings: Findings;
  fields: FormField[];
  form_id: string;
}

export function GatePage({ frame, recipe, run, text, findings, fields, form_id }: GatePageProps) {
  const isOfRun = run !== '';
  return (
    <Layout frame={frame} title="The gate" section="runs" scripts={['check-text']}>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/runs">Runs</a> / <a href={isOfRun ? runPath(run) : startPath(recipe)}>{isOfRun ? run : basename(recipe)}</a> / Gate
      </nav>
      <h1>The gate: what has to be true before it ships</h1>
      <p className="lede">
        The rule is fixed and hashed before the first test question is asked, so that nobody can choose it to fit the answers.
        {isOfRun && ' A further rule on the same rows counts as a further attempt.'}
      </p>
      <form method="post" action="/gate" id="edited" data-check="/gate/check">
        <Csrf csrf={frame.csrf} />
        <input type="hidden" name="recipe" value={recipe} />
        <input type="hidden" name="run" value={run} />
        <input type="hidden" name="form_id" value={form_id} />
        <EditedYaml label="The gate; changes are saved as a new file" text={text} fields={fields} heading="The rule" isFormFirst />
        <div id="findings" aria-live="polite">
          <FindingList findings={findings} />
        </div>
        <div className="title-row">
          <a href={isOfRun ? runPath(run) : startPath(recipe)}>Back without a change</a>
          <button type="submit" id="start" disabled={findings.problems.length > 0} aria-describedby="findings">
            {isOfRun ? 'Compare it under this gate' : 'Use this gate'}
          </button>
        </div>
      </form>
    </Layout>
  );
}
