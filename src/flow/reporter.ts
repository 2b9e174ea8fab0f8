/** How a flow reports its progress; the command line and the pages decide how it is shown. */
import type { Event } from '../protocol/event.js';

export interface Reporter {
  /** A stage begins. */
  stage(name: string, text: string): void;
  /** Progress within the stage; `share` is the part that is done, 0 to 1. */
  progress(text: string, share?: number): void;
  /** Something that is worth keeping on the screen. */
  note(text: string): void;
  /** An event of the worker. */
  event(event: Event, numSteps: number): void;
  /** The stage has ended. */
  done(text: string): void;
}
