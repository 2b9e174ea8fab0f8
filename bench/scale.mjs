// npm run bench -- scale: time a token and peak memory of Slipway's training, over the length of rows and their number in a batch.
import { join } from 'node:path';
import { CHARACTERS_PER_TOKEN, chats, writeRows } from './rows.mjs';

/** Tokens of a row, and rows of a batch: at most 20,000 tokens in all, which take 20 GB. */
const POINTS = [
  [64, 1],
  [64, 8],
  [64, 64],
  [256, 16],
  [1024, 4],
  [4096, 1],
  [16384, 1],
];
/** Share of a row that is its answer. */
const ANSWERED = 1 / 3;

/** Prints a line for each point. @returns the points, with kB that a further token takes between one row and 64 of them */
export async function measureScale(slipway, { folder, work, recipe }) {
  slipway.prepare('long-context', folder);
  const points = [];
  for (const [tokens, batch] of POINTS) {
    const own = join(folder, `${tokens}x${batch}`);
    writeRows(own, rowsOf(tokens, batch));
    const asked = { model: 'long-context', recipe: { ...recipe, plain: ['shared_prefix'] }, work: { ...work, batch } };
    const result = await slipway.measure(asked, own);
    const point = {
      row_tokens: Math.round(result.real_tokens / batch),
      rows: batch,
      ms_a_token: (1000 * result.seconds) / result.real_tokens,
      peak_gb: result.peak_bytes / 1e9,
      forecast_gb: result.forecast_bytes / 1e9,
      others_s: result.others_s,
    };
    points.push(point);
    console.log(
      Object.entries(point)
        .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
        .join('  '),
    );
  }
  const [first, last] = [points[0], points[2]];
  const kb_a_token = (1e6 * (last.peak_gb - first.peak_gb)) / (last.row_tokens * last.rows - first.row_tokens * first.rows);
  return { points, kb_a_token };
}

function rowsOf(tokens, count) {
  const text = chats()
    .flatMap((messages) => messages.map(({ content }) => content))
    .join('\n');
  const length = Math.round(tokens * CHARACTERS_PER_TOKEN);
  const answered = Math.round(length * ANSWERED);
  return Array.from({ length: count }, (_, index) => {
    const start = (index * 7919) % 10_000;
    const own = text
      .slice(start)
      .repeat(Math.ceil(length / 1000))
      .slice(0, length);
    // A line break at the edge of an answer would be one token with the template's.
    return [
      { role: 'user', content: own.slice(answered).trim() },
      { role: 'assistant', content: own.slice(0, answered).trim() },
    ];
  });
}
