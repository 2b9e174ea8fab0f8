/** The events of all attempts of a run as its present state. A pure function. */
import type { Event, ModuleCoverage } from '../protocol/event.js';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export interface RunProgress {
  num_steps: number;
  coverage: ModuleCoverage[] | null;
  worst_batch: Of<'worst-batch'> | null;
  /** What the worker does now, between steps. */
  phase: string | null;
  /** Of the phase, 0 to 1, where it counts. */
  phase_share: number | null;
  steps: Of<'step-end'>[];
  evals: Of<'eval-end'>[];
  samples: Of<'sample'>[];
}

/** The lowest dev loss and the latest: two figures, with two names wherever they are shown. */
export function devLosses({ evals }: Pick<RunProgress, 'evals'>): { best: Of<'eval-end'>; last: Of<'eval-end'> } | null {
  const last = evals.at(-1);
  return last ? { best: evals.reduce((best, one) => (one.loss < best.loss ? one : best)), last } : null;
}

/** In order of steps; an attempt that begins at an earlier step replaces what came after it. */
export function foldEvents(events: Event[]): RunProgress {
  const progress: RunProgress = {
    num_steps: 0,
    coverage: null,
    worst_batch: null,
    phase: null,
    phase_share: null,
    steps: [],
    evals: [],
    samples: [],
  };
  for (const event of events) {
    progress.phase = null;
    progress.phase_share = null;
    switch (event.type) {
      case 'phase':
        progress.phase = event.name;
        progress.phase_share = event.share ?? null;
        break;
      case 'run-start': {
        const isKept = ({ step }: { step: number }) => step <= event.start_step;
        progress.steps = progress.steps.filter(isKept);
        progress.evals = progress.evals.filter(isKept);
        progress.samples = progress.samples.filter(isKept);
        progress.num_steps = event.num_steps;
        progress.coverage = event.coverage;
        break;
      }
      case 'worst-batch':
        progress.worst_batch = event;
        break;
      case 'step-end':
        progress.steps.push(event);
        break;
      case 'eval-end':
        progress.evals.push(event);
        break;
      case 'sample':
        progress.samples.push(event);
        break;
      case 'checkpoint-save':
      case 'run-end':
      case 'run-error':
        break;
    }
  }
  return progress;
}
