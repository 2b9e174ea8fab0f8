/** A server on real weights with three models: the base as it is, the base with a chat template that renders tools, and one for embeddings. */
import { join } from 'node:path';
import { ggufServing } from '../../src/model/families/serving.js';
import { readGguf, readTensorBytes } from '../../src/model/gguf/read.js';
import { writeGguf } from '../../src/model/gguf/write.js';
import type { ServedEntry } from '../../src/run/api/served-models.js';
import { type RunningServer, startServer } from '../../src/run/api/start-server.js';
import { startPool } from '../../src/run/engine/pool.js';
import { modelFiles } from '../../src/store/home.js';
import { temporaryFolder, testHome, testModel } from './home.js';

/** In the form of Hermes 2, shortened. */
const TOOLS_TEMPLATE = `{% if tools %}<|im_start|>system
You may call functions: {{ tools | tojson }}
Call one as <tool_call>{"name": name, "arguments": values}</tool_call><|im_end|>
{% endif %}{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}{% for call in message.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

export const PLAIN = 'smollm2-135m-instruct';
export const WITH_TOOLS = 'smollm2-with-tools';
export const EMBEDDER = 'smollm2-embeddings';

/** @param api_key null: none is wanted */
export async function startToolsServer(api_key: string | null, port = 0): Promise<RunningServer> {
  const { gguf } = modelFiles(await testModel());
  const pooled = join(temporaryFolder('embedder'), 'model.gguf');
  await withPooling(gguf, pooled);
  const settings = { gguf: pooled, num_threads: 1, context_length: 512 };
  const pool = await startPool(settings, 1, { base: null });
  const { chat_template, has_embeddings } = ggufServing(await readGguf(pooled));
  const base: ServedEntry = {
    id: PLAIN,
    context: 'base',
    parent: null,
    sha256: 'x',
    adapter_sha256: null,
    quantization: 'Q4_1',
    chat_template,
    has_embeddings: ggufServing(await readGguf(gguf)).has_embeddings,
  };
  const entries = [base, { ...base, id: WITH_TOOLS, chat_template: TOOLS_TEMPLATE }, { ...base, id: EMBEDDER, has_embeddings }];
  return await startServer(testHome, { pool, entries, scorers: [] }, { port, api_key });
}

/** The same weights, in a file that says that the mean of a text's states is its embedding. */
async function withPooling(from: string, to: string): Promise<void> {
  const file = await readGguf(from);
  const metadata = { ...file.typed_metadata, 'llama.pooling_type': { type: 'uint32' as const, value: 1 } };
  const tensors = file.tensors.map((tensor) => ({ ...tensor, read: () => readTensorBytes(file, tensor) }));
  await writeGguf(to, metadata, tensors);
}
