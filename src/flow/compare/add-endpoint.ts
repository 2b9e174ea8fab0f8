/** An endpoint is asked what it serves before it is kept: a wrong address or key is found here, not after the first hour. */
import { listServedModels } from '../../compare/evidence/ask.js';
import { KeptEndpoint } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { keepEndpoint } from '../../store/endpoints.js';
import { listRuns } from '../../store/runs.js';

/** A person waits for it. */
const LIMITS = { timeout_ms: 30_000, patience_ms: 0 };

export interface AskedEndpoint {
  name: string;
  base_url: string;
  /** Empty: the only one that is served there. */
  model: string;
  /** Empty: it needs none. */
  api_key: string;
}

/**
 * @throws AppError endpoint-invalid with all that is wrong; endpoint-failed when it does not answer, or refuses the key
 */
export async function addEndpoint(home: string, asked: AskedEndpoint): Promise<KeptEndpoint> {
  const model = asked.model.trim();
  const fields = { ...asked, name: asked.name.trim(), base_url: asked.base_url.trim(), api_key: asked.api_key.trim() };
  const parsed = KeptEndpoint.safeParse({ ...fields, model: model || 'not said', kept_at: new Date().toISOString() });
  const problems = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  const isTaken = [...listModels(home), ...listRuns(home)].some(({ id }) => id === fields.name);
  if (isTaken) problems.push(`name ${fields.name} is that of a model or a run`);
  if (!parsed.success || problems.length > 0) throw new AppError('endpoint-invalid', { problems: problems.join('; ') });
  const { base_url, api_key } = parsed.data;
  const served = (await listServedModels({ base_url, model, ...(api_key ? { api_key } : {}) }, LIMITS)).map(({ id }) => id);
  const chosen = model || (served.length === 1 ? served[0] : undefined);
  if (chosen === undefined || (served.length > 0 && !served.includes(chosen))) {
    const problem = served.length === 0 ? 'it lists no models: name the one that answers' : `it serves ${served.slice(0, 20).join(', ')}`;
    throw new AppError('endpoint-invalid', { problems: `model: ${problem}` });
  }
  const kept = { ...parsed.data, model: chosen };
  keepEndpoint(home, kept);
  return kept;
}
