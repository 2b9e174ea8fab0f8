/** Starting a run from a recipe: the text can be edited, and is checked as it is written (web/client/check-text.ts). */
import type { FormField } from '../../../protocol/form-field.js';
import { type Frame, Layout } from '../../layout.js';
import { EditedYaml } from '../../parts/edited-yaml.js';
import { Csrf, Empty } from '../../parts/small-parts.js';

export interface StartPageProps {
  frame: Frame;
  /** Paths of recipes that were found. */
  recipes: string[];
  chosen: string | null;
  text: string;
  findings: Findings | null;
  fields: FormField[];
  /** Of this form: sent twice, as by a double click, it starts one run. */
  form_id: string;
}

export interface Findings {
  problems: string[];
  /** What would happen, one fact a line. */
  facts: string[];
}

export function StartPage({ frame, recipes, chosen, text, findings, fields, form_id }: StartPageProps) {
  const hasProblems = findings !== null && findings.problems.length > 0;
  return (
    <Layout frame={frame} title="Start a run" section="runs" scripts={['check-text']}>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/runs">Runs</a> / Start a run
      </nav>
      <h1>Start a run</h1>
      {recipes.length === 0 || !chosen ? (
        <Empty title="No recipe was found">
          <p>
            Make one from <a href="/data">a file of your own</a>, or in a terminal:{' '}
            <code className="command">slipway new reports.jsonl</code>
          </p>
        </Empty>
      ) : (
        <>
          <form method="get" action="/start" className="inline-form">
            <label>
              Recipe{' '}
              <select name="recipe" defaultValue={chosen}>
                {recipes.map((recipe) => (
                  <option key={recipe}>{recipe}</option>
                ))}
              </select>
            </label>
            <button type="submit" className="quiet">
              Open
            </button>
          </form>
          <form method="post" action="/start" id="edited" data-check="/start/check">
            <Csrf csrf={frame.csrf} />
            <input type="hidden" name="recipe" value={chosen} />
            <input type="hidden" name="form_id" value={form_id} />
            <EditedYaml label="The recipe; changes are saved as a new file" text={text} heading="Settings" fields={fields} />
            <div id="findings" aria-live="polite">
              {findings && <FindingList findings={findings} />}
            </div>
            <div className="title-row">
              <button type="submit" name="action" value="check" className="quiet">
                Check
              </button>
              <button type="submit" name="action" value="gate" className="quiet">
                Change the gate
              </button>
              <button type="submit" name="action" value="start" id="start" disabled={hasProblems} aria-describedby="findings">
                Start the run
              </button>
            </div>
          </form>
        </>
      )}
    </Layout>
  );
}

export function FindingList({ findings: { problems, facts } }: { findings: Findings }) {
  const list = (lines: string[]) => (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
  if (problems.length === 0)
    return (
      <div className="good">
        <p>
          <strong>No problems.</strong>
        </p>
        {list(facts)}
      </div>
    );
  return (
    <div className="problem">
      <p>
        <strong>{problems.length === 1 ? 'One problem' : `${problems.length} problems`} to correct before it can start</strong>
      </p>
      {list(problems)}
      {facts.length > 0 && (
        <details>
          <summary>What it would take</summary>
          {list(facts)}
        </details>
      )}
    </div>
  );
}
