/** Endpoints that this home keeps to compare with; a key that was given is never shown again. */
import { isOnThisMachine, type ShownEndpoint } from '../../protocol/endpoint.js';
import { type Frame, Layout } from '../layout.js';
import { FoldingTable } from '../parts/folding-table.js';
import { Csrf, Empty, Problem, Time, Unreadable } from '../parts/small-parts.js';
import { newComparisonPath } from '../paths.js';

interface EndpointsPageProps {
  frame: Frame;
  endpoints: ShownEndpoint[];
  unreadable: string[];
  /** What could not be kept; the key is asked for again. */
  asked: { name: string; base_url: string; model: string } | null;
  problem: { message: string; hint: string } | null;
}

export function EndpointsPage({ frame, endpoints, unreadable, asked, problem }: EndpointsPageProps) {
  return (
    <Layout frame={frame} title="Endpoints" section="models">
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <a href="/models">Models</a> / Endpoints
      </nav>
      <h1>Endpoints</h1>
      <p className="lede">
        Models that answer elsewhere, behind the OpenAI API: a server of yours, or a provider. They can be compared with what runs here.
      </p>
      <Unreadable ids={unreadable} />
      {endpoints.length === 0 ? (
        <Empty title="No endpoint is kept">
          <p>Add one below. It is asked what it serves before it is kept.</p>
        </Empty>
      ) : (
        <FoldingTable
          label="Endpoints"
          heads={['name', 'address', 'model', 'key', 'rows sent to it', '']}
          rows={endpoints.map((endpoint) => ({ key: endpoint.name, cells: cellsOf(endpoint, frame.csrf) }))}
        />
      )}
      <h2>Add one</h2>
      {problem && <Problem message={problem.message} hint={problem.hint} alert />}
      <form method="post" action="/endpoints" className="settings">
        <Csrf csrf={frame.csrf} />
        <Field name="name" label="Name" help="You compare with it by this name." value={asked?.name} required />
        <Field
          name="base_url"
          label="Address"
          help="What programs call the base URL: http://10.0.0.7:8000/v1."
          value={asked?.base_url}
          required
        />
        <Field name="model" label="Model" help="What the server calls it. Empty: the only one it serves." value={asked?.model} />
        <Field
          name="api_key"
          label="Key"
          type="password"
          help="Kept in a file that only you can read, sent to this address alone, and never shown. Empty: it needs none."
        />
        <button type="submit">Check and keep it</button>
      </form>
    </Layout>
  );
}

function cellsOf({ name, base_url, model, has_key, kept_at }: ShownEndpoint, csrf: string) {
  return [
    <strong key="name">{name}</strong>,
    <code key="address">{base_url}</code>,
    model,
    <span key="key">
      {has_key ? 'kept, not shown' : 'none'}, since <Time at={kept_at} />
    </span>,
    isOnThisMachine(base_url) ? 'stay on this machine' : 'leave this machine',
    <span key="actions" className="actions tight">
      <a href={newComparisonPath(name)}>Compare with it</a>
      <form method="post" action={`/endpoints/${encodeURIComponent(name)}/remove`}>
        <Csrf csrf={csrf} />
        <button type="submit" className="quiet" aria-label={`Remove ${name} and its key`}>
          Remove
        </button>
      </form>
    </span>,
  ];
}

interface FieldProps {
  name: string;
  label: string;
  help: string;
  value?: string | undefined;
  type?: string;
  required?: boolean;
}

function Field({ name, label, help, value, type = 'text', required = false }: FieldProps) {
  return (
    <div className="setting">
      <label htmlFor={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        defaultValue={value}
        required={required}
        autoComplete="off"
        aria-describedby={`${name}-why`}
      />
      <p id={`${name}-why`} className="muted small">
        {help}
      </p>
    </div>
  );
}
