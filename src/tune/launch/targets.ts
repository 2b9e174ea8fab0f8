/** Where a job's processes run. `local` is the first target; another is one file and one case here. */
import { existsSync } from 'node:fs';
import { LaunchRecord } from '../../protocol/run.js';
import { readJson } from '../../store/files.js';
import { attemptFiles } from '../../store/home.js';
import type { LaunchTarget } from './launch-target.js';
import { LOCAL } from './local.js';

/** The target that an attempt was started on. */
export function targetOf(attempt: string): LaunchTarget {
  const file = attemptFiles(attempt).launch;
  const { target } = existsSync(file) ? readJson(file, LaunchRecord) : { target: 'local' as const };
  switch (target) {
    case 'local':
      return LOCAL;
  }
}
