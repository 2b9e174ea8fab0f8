/** One file of rows: how it is read, which columns hold what, what will be trained and measured, and what is wrong with it. */
import type { Choice } from '../../../protocol/form-field.js';
import type { Method } from '../../../protocol/methods/methods.js';
import { count } from '../../../protocol/units.js';
import { type Frame, Layout } from '../../layout.js';
import { Options } from '../../parts/form-fields.js';
import { Csrf, Problem } from '../../parts/small-parts.js';

/** What a person has said of the file; empty: nothing. */
export interface AskedReading {
  path: string;
  prompt: string;
  completion: string;
  system: string;
  /** A column that holds whole conversations, in place of the three. */
  messages: string;
  /** A column; `-` for none. */
  group: string;
  model: string;
  method: Method | '';
  allow: boolean;
  /** Of a copy, how many rows of the original it lacks. */
  left_out: number;
}

export interface DataFileView {
  asked: AskedReading;
  name: string;
  /** Encoding and delimiter where they are unusual. */
  dialect: string | null;
  columns: string[];
  /** Its columns have names of a known format, so that nothing has to be assigned. */
  is_known: boolean;
  /** Those that this machine can train on it first. */
  models: Choice[];
  methods: Method[];
  profile: {
    format: string;
    num_rows: number;
    first: { question: string; answer: string }[];
    facts: [string, string][];
    warnings: string[];
    /** Rows of two splits that differ in digits or punctuation alone. */
    num_near_duplicates: number;
    /** Column that groups rows; null: none. */
    group: string | null;
    /** Nobody has said so: it repeats, and is proposed. */
    is_proposed: boolean;
  } | null;
  error: { message: string; hint: string; can_clean: boolean } | null;
}

export function DataFilePage({ frame, view }: { frame: Frame; view: DataFileView }) {
  const { asked, name, dialect, profile, error } = view;
  return (
    <Layout frame={frame} title={name} section="data">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/data">Data</a> / {name}
      </nav>
      <h1 className="identifier">{name}</h1>
      <p className="muted">
        {profile && `${count(profile.num_rows)} rows, format ${profile.format}. `}
        {dialect && `Read as ${dialect}.`}
      </p>
      <form method="get" action="/data/file">
        <input type="hidden" name="path" value={asked.path} />
        <Columns {...view} />
        <button type="submit" className="quiet">
          Read it again
        </button>
      </form>
      {asked.left_out > 0 && (
        <p className="good">
          This is a copy without {asked.left_out === 1 ? 'one row' : `${asked.left_out} rows`}; the reasons are in{' '}
          <code>{name.replace(/\.jsonl$/, '.left-out.txt')}</code> beside it.
        </p>
      )}
      {error && (
        <>
          <Problem message={error.message} hint={error.hint} />
          {error.can_clean && <CleanForm frame={frame} view={view} />}
        </>
      )}
      {profile && <Profile frame={frame} view={view} profile={profile} />}
    </Layout>
  );
}

const PARTS = [
  ['prompt', 'What is asked'],
  ['completion', 'What is answered'],
  ['system', 'System prompt'],
  ['messages', 'Or whole conversations'],
] as const;

function Columns({ asked, columns, is_known, profile, models, methods }: DataFileView) {
  const options = (value: string) => [...new Set([...columns, ...(value === '' || value === '-' ? [] : [value])])];
  const group = asked.group || (profile?.group ?? '');
  return (
    <fieldset className="inline-form">
      <legend>{is_known ? 'Its columns are known by their names' : 'Which column holds what'}</legend>
      {!is_known &&
        PARTS.map(([part, text]) => (
          <label key={part}>
            {text}
            <select name={part} defaultValue={asked[part]}>
              <option value="">{part === 'system' || part === 'messages' ? 'none' : 'choose a column'}</option>
              {options(asked[part]).map((column) => (
                <option key={column} value={column}>
                  {column.replaceAll('\n', ' ')}
                </option>
              ))}
            </select>
          </label>
        ))}
      <label>
        Rows that belong together
        <select name="group" defaultValue={group}>
          <option value="-">each row alone</option>
          {options(group).map((column) => (
            <option key={column} value={column}>
              one {column}
            </option>
          ))}
        </select>
      </label>
      <label>
        Base model
        <select name="model" defaultValue={asked.model}>
          <Options choices={models} />
        </select>
      </label>
      {methods.length > 1 && (
        <label>
          Method
          <select name="method" defaultValue={asked.method || methods[0]}>
            {methods.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  );
}

function Profile({ frame, view, profile }: { frame: Frame; view: DataFileView; profile: NonNullable<DataFileView['profile']> }) {
  const { warnings, facts, first, num_near_duplicates, group, is_proposed } = profile;
  return (
    <>
      {is_proposed && (
        <p className="note">
          {group} repeats, so rows of one {group} are kept in one split and count as one. Choose “each row alone” above if they are
          independent.
        </p>
      )}
      {warnings.map((warning) => (
        <p className="note" key={warning}>
          {warning.charAt(0).toUpperCase() + warning.slice(1)}.
        </p>
      ))}
      <dl className="facts">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <h2>The first rows as the model sees them</h2>
      {first.map(({ question, answer }, index) => {
        const key = `${index} ${question}`;
        return (
          <article className="example" key={key}>
            <p className="question">{question}</p>
            <dl>
              <div className="reference">
                <dt>learnt and measured</dt>
                <dd>{answer}</dd>
              </div>
            </dl>
          </article>
        );
      })}
      <form method="post" action="/data/recipe">
        <Csrf csrf={frame.csrf} />
        <AskedFields view={view} />
        {num_near_duplicates > 0 && (
          <p>
            <label>
              <input type="checkbox" name="allow" value="true" /> Allow the {num_near_duplicates} rows that differ from rows of another
              split in digits or punctuation alone; the verdict says so
            </label>
          </p>
        )}
        <button type="submit">Make a recipe of it</button>
      </form>
    </>
  );
}

/** What was assigned, for a form that does something with it. */
function AskedFields({ view: { asked, profile } }: { view: DataFileView }) {
  const fields = { ...asked, group: asked.group || (profile?.group ?? '-') };
  return (
    <>
      {(['path', 'prompt', 'completion', 'system', 'messages', 'group', 'model', 'method'] as const).map((name) => (
        <input key={name} type="hidden" name={name} value={fields[name]} />
      ))}
    </>
  );
}

function CleanForm({ frame, view }: { frame: Frame; view: DataFileView }) {
  return (
    <form method="post" action="/data/clean">
      <Csrf csrf={frame.csrf} />
      <AskedFields view={view} />
      <button type="submit">Write a copy without these rows</button>
    </form>
  );
}
