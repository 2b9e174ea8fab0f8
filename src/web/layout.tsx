/** What every page has around it: title, way around, theme, and the scripts that make it live. */
import type { ReactNode } from 'react';

export type Section = 'data' | 'runs' | 'comparisons' | 'models' | 'chat';

/** What the server knows of who looks and where. */
export interface Frame {
  path: string;
  /** Null follows the system. */
  theme: 'light' | 'dark' | null;
  /** Goes into every form that changes something. */
  csrf: string;
  is_signed_in: boolean;
}

const SECTIONS: { id: Section; text: string }[] = [
  { id: 'data', text: 'Data' },
  { id: 'runs', text: 'Runs' },
  { id: 'comparisons', text: 'Comparisons' },
  { id: 'models', text: 'Models' },
  { id: 'chat', text: 'Chat' },
];

interface LayoutProps {
  frame: Frame;
  title: string;
  section?: Section;
  /** Files of web/client beside the one that every page has. */
  scripts?: string[];
  /** Seconds after which a page that waits asks again, for a reader without JavaScript. */
  refresh_s?: number;
  children: ReactNode;
}

export function Layout({ frame, title, section, scripts = [], refresh_s, children }: LayoutProps) {
  return (
    <html lang="en" data-theme={frame.theme ?? undefined}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf" content={frame.csrf} />
        {refresh_s !== undefined && <meta httpEquiv="refresh" content={String(refresh_s)} />}
        <title>{`${title} · Slipway`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        {['local-times', ...scripts].map((name) => (
          <script key={name} type="module" src={`/assets/client/${name}.js`} />
        ))}
      </head>
      <body>
        <a className="skip-link" href="#main">
          Skip to content
        </a>
        <header className="site">
          <a className="brand" href="/">
            <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M2 15h20l-3 5H5z" fill="currentColor" />
              <path d="M11 3v10H4zM13 5l6 8h-6z" fill="currentColor" opacity=".6" />
            </svg>
            Slipway
          </a>
          {frame.is_signed_in && (
            <nav aria-label="Sections">
              {SECTIONS.map(({ id, text }) => (
                <a key={id} href={`/${id}`} aria-current={id === section ? 'page' : undefined}>
                  {text}
                </a>
              ))}
            </nav>
          )}
          <form method="post" action="/theme" className="theme">
            <input type="hidden" name="csrf" value={frame.csrf} />
            <input type="hidden" name="back" value={frame.path} />
            {(['dark', 'light'] as const).map((theme) => (
              <button key={theme} type="submit" name="theme" value={theme} className={`quiet to-${theme}`}>
                {theme === 'dark' ? 'Dark' : 'Light'}
                <span className="sr-only"> theme</span>
              </button>
            ))}
          </form>
        </header>
        <main id="main">{children}</main>
        <footer className="site">All data shown is stored on this machine.</footer>
      </body>
    </html>
  );
}
