/** Files of rows: drop one, or open one of the data folders. */
import { type Frame, Layout } from '../../layout.js';
import { FoldingTable } from '../../parts/folding-table.js';
import { Empty, Time } from '../../parts/small-parts.js';
import { dataFilePath } from '../../paths.js';

interface DataPageProps {
  frame: Frame;
  files: { path: string; bytes: number; changed_at: string }[];
  folders: string[];
  max_bytes: number;
}

export function DataPage({ frame, files, folders, max_bytes }: DataPageProps) {
  return (
    <Layout frame={frame} title="Data" section="data" scripts={['upload']}>
      <h1>Data</h1>
      <p className="lede">Rows to tune on and to measure with: tables, chats, questions with answers, pairs of answers.</p>
      <form id="upload" className="drop" data-url="/data/upload" data-max={max_bytes}>
        <label htmlFor="file">
          <strong>Drop a file here, or choose one</strong>
          <span className="muted small">
            CSV, TSV, JSON, JSONL or Parquet, also gzipped, up to {max_bytes / 1e9} GB. It stays on this machine.
          </span>
        </label>
        <input id="file" type="file" accept=".csv,.tsv,.json,.jsonl,.ndjson,.parquet,.gz" />
        <noscript>
          <p className="note">Sending a file needs JavaScript. Files of the folders below can be opened without it.</p>
        </noscript>
        <div id="upload-state" aria-live="polite" />
      </form>
      <h2>Files here</h2>
      <p className="muted small">In {folders.join(', ')}, and what was dropped.</p>
      {files.length === 0 ? (
        <Empty title="No file of rows yet">
          <p>
            Drop one above, or start the studio with a folder: <code className="command">slipway studio --data FOLDER</code>
          </p>
        </Empty>
      ) : (
        <FoldingTable
          label="Files of rows"
          heads={['file', 'size', 'changed']}
          rows={files.map(({ path, bytes, changed_at }) => ({
            key: path,
            cells: [
              <a key="path" className="path" href={dataFilePath(path)}>
                {path}
              </a>,
              bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`,
              <Time key="changed" at={changed_at} />,
            ],
          }))}
        />
      )}
    </Layout>
  );
}
