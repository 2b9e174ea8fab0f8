/** Beginning a comparison of two models, runs or endpoints on the same rows. */
import { isOnThisMachine } from '../../../protocol/endpoint.js';
import type { FormField } from '../../../protocol/form-field.js';
import { type Frame, Layout } from '../../layout.js';
import { FormFields } from '../../parts/form-fields.js';
import { Csrf, Empty } from '../../parts/small-parts.js';

interface NewComparisonPageProps {
  frame: Frame;
  models: string[];
  /** Those that are done. */
  runs: string[];
  /** Those that the home keeps. */
  endpoints: { name: string; base_url: string }[];
  /** Files whose rows can be measured on. */
  files: string[];
  /** What decides, unless it is left as it is. */
  rule: FormField[];
  chosen: string;
  /** Sent twice, as by a double click, it starts one comparison. */
  form_id: string;
}

export function NewComparisonPage({ frame, models, runs, endpoints, files, rule, chosen, form_id }: NewComparisonPageProps) {
  const [first = '', second = first] = [...new Set([chosen, ...runs, ...models, ...endpoints.map(({ name }) => name)])].filter(
    (id) => id !== '',
  );
  const namesOf = (isHere: boolean) => endpoints.filter(({ base_url }) => isOnThisMachine(base_url) === isHere).map(({ name }) => name);
  const groups: [string, string[]][] = [
    ['Runs', runs],
    ['Models', models],
    ['Endpoints on this machine', namesOf(true)],
    ['Endpoints elsewhere: the rows are sent to them', namesOf(false)],
  ];
  return (
    <Layout frame={frame} title="Compare two" section="comparisons">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/comparisons">Comparisons</a> / Compare two
      </nav>
      <h1>Compare two</h1>
      <p className="lede">
        Both answer the same rows, and each is judged as the challenger of the other. A run with a gate of its own is compared on its page.
      </p>
      {runs.length + models.length + endpoints.length === 0 ? (
        <Empty title="There is no model yet">
          <p>
            A comparison needs a model, a run or an endpoint: <a href="/start">start a run</a>, or fetch a model:{' '}
            <code className="command">slipway pull smollm2-135m-instruct</code>
          </p>
        </Empty>
      ) : (
        <form method="post" action="/comparisons/new">
          <Csrf csrf={frame.csrf} />
          <input type="hidden" name="form_id" value={form_id} />
          <fieldset className="inline-form">
            <legend>Which two, on which rows</legend>
            <Side name="a" text="Challenger" groups={groups} chosen={first} />
            <Side name="b" text="Against" groups={groups} chosen={second} />
            <label>
              Rows
              <select name="test" defaultValue={runs.length > 0 ? '' : files[0]}>
                {runs.length > 0 && <option value="">the test rows of the run</option>}
                {files.map((file) => (
                  <option key={file}>{file}</option>
                ))}
              </select>
            </label>
          </fieldset>
          <p className="muted small">
            A model that answers elsewhere is added under <a href="/endpoints">endpoints</a>.
          </p>
          <details>
            <summary>Prompts: compare two of one model, without any training</summary>
            <label htmlFor="system_a">System prompt of the challenger; empty: the rows’ own, and what answers are wanted</label>
            <textarea id="system_a" name="system_a" rows={3} maxLength={8000} />
            <label htmlFor="system_b">System prompt of the other</label>
            <textarea id="system_b" name="system_b" rows={3} maxLength={8000} />
          </details>
          <details>
            <summary>The rule: what counts as right, and what has to be true</summary>
            <div className="settings">
              <FormFields fields={rule} />
            </div>
          </details>
          <p className="muted">
            Unless the rule says otherwise, what counts as right is chosen from the reference answers, any lead that is more than chance
            decides, and no guardrail is set. Rows that a run was trained on are refused.
          </p>
          <p>
            <label>
              <input type="checkbox" name="allow" value="true" /> Allow rows that differ from trained ones in digits or punctuation alone;
              the verdict says so
            </label>
          </p>
          <button type="submit">Compare them</button>
        </form>
      )}
    </Layout>
  );
}

function Side({ name, text, groups, chosen }: { name: string; text: string; groups: [string, string[]][]; chosen: string }) {
  return (
    <label>
      {text}
      <select name={name} defaultValue={chosen}>
        {groups
          .filter(([, ids]) => ids.length > 0)
          .map(([title, ids]) => (
            <optgroup key={title} label={title}>
              {ids.map((id) => (
                <option key={id}>{id}</option>
              ))}
            </optgroup>
          ))}
      </select>
    </label>
  );
}
