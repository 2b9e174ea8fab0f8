/** What a place where jobs run has to offer. */
export interface LaunchTarget {
  /** @param command the job's command line. @throws AppError worker-failed */
  start(attempt: string, command: string[]): Promise<void>;
  /** Whether it runs, or is being started. */
  isAlive(attempt: string): boolean;
  /** Sets disk aside for the record of how the attempt ends. */
  reserve(attempt: string): void;
  /** Asks the attempt to save what it has and end; it checks between two steps. */
  stop(attempt: string, requestedBy: string): void;
  /** Ends the attempt at once, without saving. */
  kill(attempt: string): void;
}
