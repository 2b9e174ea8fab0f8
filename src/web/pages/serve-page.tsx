/** A model or a run as it is served to programs of this machine: address, key, and lines to copy. */
import { chatCommand, pythonLines, type Served, scoreCommand } from '../../protocol/how-to-ask.js';
import { type Frame, Layout } from '../layout.js';
import { Csrf } from '../parts/small-parts.js';
import { chatPath, modelPath, runPath, servePath } from '../paths.js';

interface ServePageProps {
  frame: Frame;
  /** A run, or a model itself. */
  id: string;
  base: string;
  serving: (Served & { models: string[]; reward_models: string[] }) | null;
}

export function ServePage({ frame, id, base, serving }: ServePageProps) {
  const isRun = id !== base;
  return (
    <Layout frame={frame} title={`Serve ${id}`} section={isRun ? 'runs' : 'models'} scripts={['copy']}>
      <nav aria-label="Breadcrumb" className="breadcrumb">
        {isRun ? <a href="/runs">Runs</a> : <a href="/models">Models</a>} / <a href={isRun ? runPath(id) : modelPath(id)}>{id}</a> / Serve
      </nav>
      <h1 className="identifier">Serve {id}</h1>
      {serving ? <Serving id={id} serving={serving} csrf={frame.csrf} /> : <StartForm id={id} base={base} csrf={frame.csrf} />}
    </Layout>
  );
}

function StartForm({ id, base, csrf }: { id: string; base: string; csrf: string }) {
  return (
    <>
      <p className="lede">
        Programs of this machine can ask it by the OpenAI API, with a key, until you stop it or the studio ends.
        {id !== base && ` The base model ${base} is served beside it.`}
      </p>
      <form method="post" action={servePath(id)} className="inline-form">
        <Csrf csrf={csrf} />
        <label>
          Port <input name="port" inputMode="numeric" pattern="[0-9]*" maxLength={5} placeholder="a free one" />
        </label>
        <button type="submit">Serve it</button>
      </form>
      <p>
        Without the studio, with more engines or threads:{' '}
        <code className="command">slipway serve {id === base ? `--model ${id}` : id}</code>
      </p>
    </>
  );
}

function Serving({ id, serving, csrf }: { id: string; serving: NonNullable<ServePageProps['serving']>; csrf: string }) {
  const { base_url, api_key, models, reward_models } = serving;
  const isScorer = reward_models.includes(id);
  return (
    <>
      <div className="title-row">
        <p className="good">It answers now, until you stop it or the studio ends.</p>
        <form method="post" action={servePath(id, '/stop')}>
          <Csrf csrf={csrf} />
          <button type="submit">Stop serving</button>
        </form>
      </div>
      <dl className="facts">
        <Fact name="Address" text={base_url} />
        {api_key && <Fact name="Key" text={api_key} />}
        <Fact name="Model" text={id} />
        {[...models, ...reward_models]
          .filter((model) => model !== id)
          .map((model) => (
            <Fact key={model} name="Also" text={model} />
          ))}
      </dl>
      <Lines heading="With curl" text={isScorer ? scoreCommand(serving, id) : chatCommand(serving, id)} />
      {!isScorer && (
        <>
          <Lines heading="With Python (pip install openai)" text={pythonLines(serving, id).join('\n')} />
          <p>
            <a href={chatPath(id)}>Chat with it here</a>
          </p>
        </>
      )}
    </>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code className="path">{text}</code>{' '}
        <button type="button" className="quiet copy" data-copy={text} aria-label={`Copy: ${name}`} hidden>
          Copy
        </button>
      </dd>
    </div>
  );
}

function Lines({ heading, text }: { heading: string; text: string }) {
  return (
    <section>
      <div className="title-row">
        <h2>{heading}</h2>
        <button type="button" className="quiet copy" data-copy={text} aria-label={`Copy: ${heading}`} hidden>
          Copy
        </button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
