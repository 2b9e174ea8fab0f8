/** Models on this machine: their licence, where their bytes came from, and what was tuned from them. */
import type { Lineage } from '../../protocol/lineage.js';
import { recordBytes } from '../../protocol/model-record.js';
import { count, gigabytes } from '../../protocol/units.js';
import { type Frame, Layout } from '../layout.js';
import { Empty, Time, Unreadable } from '../parts/small-parts.js';
import { chatPath, runPath, servePath } from '../paths.js';

export function ModelsPage({ frame, models, unreadable }: { frame: Frame; models: Lineage[]; unreadable: string[] }) {
  return (
    <Layout frame={frame} title="Models" section="models">
      <h1>Models</h1>
      <p className="muted">
        Those on this machine. Models that answer elsewhere are kept as <a href="/endpoints">endpoints</a>.
      </p>
      {models.length + unreadable.length === 0 && (
        <Empty title="No model yet">
          <p>
            The first run fetches the model its recipe names. To import a file of your own:{' '}
            <code className="command">slipway pull model.gguf</code>
          </p>
        </Empty>
      )}
      <Unreadable ids={unreadable} />
      {models.map(({ record, runs }) => (
        <article className="card" key={record.id} id={record.id}>
          <h2>{record.id}</h2>
          <dl className="facts">
            <Fact name="Licence">
              {record.license.id === 'unknown' ? 'unknown: check before use' : record.license.id}
              {record.license.file && ', its text is stored beside the weights'}
            </Fact>
            <Fact name="Source">{record.source}</Fact>
            <Fact name="Bytes">
              <code>sha256 {record.sha256.slice(0, 16)}…</code>, {gigabytes(recordBytes(record))}, {record.quantization}
            </Fact>
            <Fact name="Shape">
              {record.architecture}, {count(record.num_parameters)} parameters, {count(record.context_length)} tokens of context
            </Fact>
            {record.training_only && <Fact name="Served">not here: {record.training_only}</Fact>}
            <Fact name="Imported">
              <Time at={record.imported_at} />
            </Fact>
            <Fact name="Tuned from it">
              {runs.length === 0 ? (
                'nothing yet'
              ) : (
                <ul className="plain">
                  {runs.map(({ id, dev_loss }) => (
                    <li key={id}>
                      <a href={runPath(id)}>{id}</a>
                      {dev_loss !== null && <span className="muted"> {dev_loss}</span>}
                    </li>
                  ))}
                </ul>
              )}
            </Fact>
          </dl>
          {!record.training_only && (
            <p className="actions">
              <a href={chatPath(record.id)}>Chat with it</a>
              <a href={servePath(record.id)}>Serve it</a>
            </p>
          )}
        </article>
      ))}
    </Layout>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
