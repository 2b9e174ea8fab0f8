interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export function vitestCounts(file: string, status: number | null): Counts;
export function pytestCounts(file: string, status: number | null): Counts;
