/** Whether llama.cpp, on the serving path, makes the same ids and the same log-probabilities as the trained model. */
import { renderChat } from '../../model/gguf/chat-template.js';
import type { ParityReference } from '../../protocol/artifact.js';
import type { Build, ParityFigures, ParityLine } from '../../protocol/build.js';
import { type Engine, type EngineSettings, startEngine } from '../engine/engine.js';

/** Wrong code shows above these; at float32 the two implementations agree to 1e-4 nats. */
const FLOAT32_MEAN_LIMIT = 0.001;
const FLOAT32_WORST_LIMIT = 0.02;
/** Below this, on average over all tokens, an adapter does nothing. */
const SMALLEST_ADAPTER_CHANGE = 1e-4;

export interface ParityRequest {
  engine: EngineSettings;
  /** null: what was trained is the model itself. */
  adapter: string | null;
  chat_template: string;
  references: ParityReference[];
}

/** What llama.cpp makes of a conversation of the reference. */
export type ParityRow = Omit<ParityLine, 'measured'>;

/** Measures on one base file; the engine lives for the measurement only. */
export async function measureParity(request: ParityRequest): Promise<ParityRow[]> {
  const engine = await startEngine(request.engine);
  try {
    await engine.addContext('base', null);
    if (request.adapter) await engine.addContext('adapter', request.adapter);
    return await scoreRows(engine, request);
  } finally {
    await engine.close();
  }
}

async function scoreRows(engine: Engine, { chat_template, references, adapter }: ParityRequest): Promise<ParityRow[]> {
  const rows: ParityRow[] = [];
  for (const [row, reference] of references.entries()) {
    const ids = await engine.tokenize(
      await renderChat(chat_template, reference.messages, { addGenerationPrompt: false, tools: reference.tools }),
    );
    const expected = reference.token_ids;
    // The reference ends with its last supervised token; what the template writes after it is not compared.
    if (!expected.every((id, index) => ids[index] === id)) {
      rows.push({ row, has_same_ids: false, logprobs: [], base_logprobs: [] });
      continue;
    }
    const { logprobs } = await engine.score(adapter ? 'adapter' : 'base', expected);
    // One row shows whether the adapter does anything.
    const isFirst = rows.every(({ base_logprobs }) => base_logprobs.length === 0);
    const base_logprobs = adapter && isFirst ? (await engine.score('base', expected)).logprobs : [];
    rows.push({ row, has_same_ids: true, logprobs, base_logprobs });
  }
  return rows;
}

/** The figures that rows give against the trained model. A pure function. */
export function parityFigures(
  base_type: string,
  references: (Pick<ParityReference, 'logprobs'> | undefined)[],
  rows: ParityRow[],
): ParityFigures {
  const scored = rows.filter(({ has_same_ids }) => has_same_ids);
  const differences = scored.flatMap(({ row, logprobs }) => absoluteDifferences(logprobs, references[row]?.logprobs ?? []));
  const changes = scored.flatMap(({ logprobs, base_logprobs }) =>
    base_logprobs.length > 0 ? absoluteDifferences(logprobs, base_logprobs) : [],
  );
  const mean = (values: number[]) => (values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0);
  return {
    base_type,
    num_rows: references.length,
    num_tokens: differences.length,
    num_rows_other_ids: references.length - scored.length,
    mean_nats: mean(differences),
    worst_nats: differences.reduce((worst, value) => Math.max(worst, value), 0),
    adapter_change_nats: mean(changes),
  };
}

function absoluteDifferences(values: number[], others: number[]): number[] {
  return values.map((value, index) => Math.abs(value - (others[index] as number)));
}

/** What keeps a build from being served, with the figures; empty when the gate passes. A pure function. */
export function parityProblems(
  { float32, served, trained }: Pick<Build['parity'], 'float32' | 'served' | 'trained'>,
  servedMeanLimit: number,
): string[] {
  const problems = [...float32Problems(float32), ...otherIds(served)];
  for (const { base_type, mean_nats } of trained ? [served, trained] : [served]) {
    if (mean_nats > servedMeanLimit) problems.push(`mean difference at ${base_type} is ${nats(mean_nats)}, limit ${servedMeanLimit}`);
  }
  if (float32.num_tokens > 0 && float32.adapter_change_nats < SMALLEST_ADAPTER_CHANGE) {
    problems.push(`the adapter changes log-probabilities by ${nats(float32.adapter_change_nats)} only`);
  }
  return problems;
}

/** What shows that the code is wrong: at float32 the two implementations agree. A pure function. */
export function float32Problems(float32: ParityFigures): string[] {
  const problems = otherIds(float32);
  if (float32.mean_nats > FLOAT32_MEAN_LIMIT)
    problems.push(`mean difference at F32 is ${nats(float32.mean_nats)}, limit ${FLOAT32_MEAN_LIMIT}`);
  if (float32.worst_nats > FLOAT32_WORST_LIMIT)
    problems.push(`worst difference at F32 is ${nats(float32.worst_nats)}, limit ${FLOAT32_WORST_LIMIT}`);
  return problems;
}

function otherIds({ num_rows_other_ids, num_rows, base_type }: ParityFigures): string[] {
  return num_rows_other_ids > 0 ? [`${num_rows_other_ids} of ${num_rows} conversations become other token ids (${base_type})`] : [];
}

const nats = (value: number) => `${value.toPrecision(3)} nats`;
