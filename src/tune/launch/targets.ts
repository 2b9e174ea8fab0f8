/** Where a job's processes run. `local` is the first target; another is one file and one case here. */
import { LaunchRecord } from '../../protocol/run.js';
import { readJsonIfKnown } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';
import type { LaunchTarget } from './launch-target.js';
import { LOCAL } from './local.js';

/** The target that an attempt was started on. */
export function targetOf(attempt: string): LaunchTarget {
  const record = readJsonIfKnown(attemptFiles(attempt).launch, LaunchRecord);
  switch (record?.target ?? 'local') {
    case 'local':
      return LOCAL;
  }
}
