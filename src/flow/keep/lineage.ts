/** Every model of a home with the runs that were tuned from it. */
import { Artifact, keptDevLoss } from '../../protocol/artifact.js';
import type { Lineage } from '../../protocol/lineage.js';
import { listModels } from '../../run/weights/resolve-model.js';
import { readJsonIfKnown } from '../../store/files.js';
import { runFiles, runFolder } from '../../store/home.js';
import { listRuns } from '../../store/runs.js';

/** A run belongs to a model by the bytes it was trained against, not by the name. */
export function listLineage(home: string): Lineage[] {
  const artifacts = listRuns(home).flatMap(({ id }) => {
    const artifact = readJsonIfKnown(runFiles(runFolder(home, id)).artifact, Artifact);
    return artifact ? [{ id, artifact }] : [];
  });
  return listModels(home).map((record) => ({
    record,
    runs: artifacts
      .filter(({ artifact }) => artifact.base.sha256 === record.sha256)
      .map(({ id, artifact }) => ({ id, dev_loss: keptDevLoss(artifact) })),
  }));
}
