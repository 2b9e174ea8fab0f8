/** A chat with one model or with two side by side. Works as a plain form; web/client/chat.ts makes the answers come as they are written. */
import type { ChatSettings, ChatTurn } from '../../protocol/chat.js';
import { type Frame, Layout } from '../layout.js';
import { Csrf, Empty, Problem } from '../parts/small-parts.js';

export interface ChatPageProps {
  frame: Frame;
  /** Base models and runs that are done. */
  models: string[];
  a: string;
  b: string | null;
  turns: ChatTurn[];
  settings: ChatSettings;
  problem: { message: string; hint: string } | null;
}

export function ChatPage({ frame, models, a, b, turns, settings, problem }: ChatPageProps) {
  const sides = [a, ...(b ? [b] : [])];
  return (
    <Layout frame={frame} title="Chat" section="chat" scripts={['chat']}>
      <h1>Chat</h1>
      {models.length === 0 ? (
        <Empty title="No model to chat with yet">
          <p>
            Fetch a model or tune one first: <code className="command">slipway go recipes/quickstart.yaml</code>
          </p>
        </Empty>
      ) : (
        <>
          <form method="get" action="/chat" className="inline-form" id="choose">
            <Choice name="a" label="Model" models={models} chosen={a} />
            <Choice name="b" label="beside" models={models} chosen={b ?? ''} none="none" />
            <button type="submit" className="quiet">
              Choose
            </button>
          </form>
          <div id="turns" className={`turns columns-${sides.length}`} aria-live="polite">
            {turns.map((turn) => (
              <Turn key={`${turns.indexOf(turn)}`} turn={turn} />
            ))}
          </div>
          {problem && <Problem message={problem.message} hint={problem.hint} alert />}
          <form method="post" action="/chat" id="chat" className="chat-form">
            <Csrf csrf={frame.csrf} />
            <input type="hidden" name="a" value={a} />
            <input type="hidden" name="b" value={b ?? ''} />
            <input type="hidden" name="turns" value={JSON.stringify(turns)} />
            <details>
              <summary>System prompt, temperature, length</summary>
              <label htmlFor="system">System prompt; empty: the model’s own</label>
              <textarea id="system" name="system" rows={2} maxLength={8000} defaultValue={settings.system} />
              <div className="inline-form">
                <label>
                  Temperature <input name="temperature" type="number" min={0} max={2} step={0.1} defaultValue={settings.temperature} />
                </label>
                <label>
                  Tokens at most <input name="max_tokens" type="number" min={1} max={2048} defaultValue={settings.max_tokens} />
                </label>
              </div>
            </details>
            <label htmlFor="question">Your message</label>
            <textarea id="question" name="question" rows={3} required />
            <div className="title-row">
              <span className="muted small" id="chat-state" aria-live="polite">
                The first answer waits until the engine has started.
              </span>
              <span className="buttons">
                <button type="button" id="new" className="quiet" hidden>
                  New
                </button>
                <button type="button" id="clear" className="quiet" hidden>
                  Clear
                </button>
                <button type="button" id="stop" className="quiet" hidden>
                  Stop
                </button>
                <button type="submit">Send</button>
              </span>
            </div>
          </form>
          <details id="history" hidden>
            <summary>Earlier conversations, kept in this browser</summary>
            <ul className="plain" />
            <button type="button" id="erase-all" className="quiet">
              Erase all
            </button>
          </details>
        </>
      )}
    </Layout>
  );
}

export function Turn({ turn }: { turn: ChatTurn }) {
  return (
    <article className="turn">
      <p className="question">{turn.question}</p>
      <div className="columns">
        {turn.answers.map(({ model, text }) => (
          <div key={model} className="answer">
            <p className="muted small">{model}</p>
            <p className="said">{text}</p>
          </div>
        ))}
      </div>
    </article>
  );
}

function Choice({ name, label, models, chosen, none }: { name: string; label: string; models: string[]; chosen: string; none?: string }) {
  return (
    <label>
      {label}{' '}
      <select name={name} defaultValue={chosen}>
        {none && <option value="">{none}</option>}
        {models.map((model) => (
          <option key={model}>{model}</option>
        ))}
      </select>
    </label>
  );
}
