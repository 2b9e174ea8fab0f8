/** Shown without a session: rows, answers and runs are private, also from other users of the machine. */
import { type Frame, Layout } from '../layout.js';

export function SignInPage({ frame, token_file, is_wrong }: { frame: Frame; token_file: string; is_wrong: boolean }) {
  return (
    <Layout frame={frame} title="Sign in">
      <h1>This page shows your data</h1>
      <p>
        Open the address that the terminal has printed, the one with <code>?key=</code>: it signs this browser in, once.
      </p>
      <p>It was used already, or comes from an earlier start? Then paste the token of this machine:</p>
      <form method="post" action="/sign-in" className="sign-in">
        <input type="hidden" name="back" value={frame.path} />
        <label htmlFor="token">
          Token, as <code className="command">cat {token_file}</code> shows it
        </label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        {is_wrong && (
          <p className="problem" role="alert">
            That is not the token.
          </p>
        )}
        <button type="submit">Sign in</button>
      </form>
    </Layout>
  );
}
