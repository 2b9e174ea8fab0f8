/** A data set of the Hub, by name: its Parquet files into <home>/datasets, so that everything after that works offline. */
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.js';
import { writeWhole } from '../../store/files.js';
import { datasetFolder, datasetMark } from '../../store/home.js';

/** Files of each configuration and split, as the Hub has converted them (Hub docs, datasets-server, parquet). */
const ParquetFiles = z.record(z.string(), z.record(z.string(), z.array(z.url())));

/**
 * @param name `org/name`, of which the split `train` of the first configuration is taken
 * @returns the folder; a complete one is reused
 * @throws AppError offline-not-cached, dataset-fetch-failed
 */
export async function fetchDataset(
  home: string,
  name: string,
  options: { offline: boolean; onProgress: (text: string, share?: number) => void },
): Promise<string> {
  const folder = datasetFolder(home, name);
  if (existsSync(datasetMark(folder))) return folder;
  if (options.offline) throw new AppError('offline-not-cached', { what: `data set ${name}` });
  const urls = await listFiles(name);
  mkdirSync(folder, { recursive: true });
  for (const [index, url] of urls.entries()) {
    const path = join(folder, `${String(index).padStart(5, '0')}.parquet`);
    if (!existsSync(path)) {
      await downloadInto(path, url, name, (share) => options.onProgress(`fetching ${name}`, (index + share) / urls.length));
    }
  }
  writeWhole(datasetMark(folder), `${urls.join('\n')}\n`);
  return folder;
}

const endpoint = () => process.env.HF_ENDPOINT ?? 'https://huggingface.co';

/** The token goes to the Hub's own origin: the files that it lists may lie elsewhere. */
function headers(url: string): Record<string, string> {
  const { HF_TOKEN } = process.env;
  return HF_TOKEN && new URL(url).origin === new URL(endpoint()).origin ? { authorization: `Bearer ${HF_TOKEN}` } : {};
}

async function listFiles(name: string): Promise<string[]> {
  const fail = (problem: string) => new AppError('dataset-fetch-failed', { name, problem });
  const url = `${endpoint()}/api/datasets/${name}/parquet`;
  const response = await fetch(url, { headers: headers(url) }).catch((cause: unknown) => {
    throw fail(String((cause as Error).cause ?? cause));
  });
  if (!response.ok) throw fail(`the Hub answered ${response.status}`);
  const parsed = ParquetFiles.safeParse(await response.json());
  const [first] = Object.values(parsed.data ?? {});
  const urls = parsed.data?.default?.train ?? first?.train ?? Object.values(first ?? {})[0];
  if (!urls || urls.length === 0) throw fail('it has no Parquet files');
  return urls;
}

/** Resumes an earlier download; the file is renamed when it has the length that the server reports. */
async function downloadInto(path: string, url: string, name: string, onShare: (share: number) => void): Promise<void> {
  const part = `${path}.part`;
  const have = existsSync(part) ? statSync(part).size : 0;
  const fail = (problem: string) => new AppError('dataset-fetch-failed', { name, problem });
  try {
    const response = await fetch(url, { headers: { ...headers(url), ...(have > 0 ? { range: `bytes=${have}-` } : {}) } });
    // 416: the part is the whole file.
    if (response.status === 416) return renameSync(part, path);
    if (!response.ok || !response.body) throw fail(`${url} answered ${response.status}`);
    const isResumed = response.status === 206;
    const total = Number(response.headers.get('content-length') ?? 0) + (isResumed ? have : 0);
    let received = isResumed ? have : 0;
    const counted = Readable.fromWeb(response.body as never).on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (total > 0) onShare(received / total);
    });
    await pipeline(counted, createWriteStream(part, { flags: isResumed ? 'a' : 'w' }));
    if (total > 0 && statSync(part).size !== total) throw fail(`${url} ended early`);
    renameSync(part, path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('dataset-fetch-failed', { name, problem: String((cause as Error).cause ?? cause) }, { cause });
  }
}
