/** How the way through tells what goes on; a surface decides how that looks. */
import type { Event } from '../protocol/event.js';

export interface Reporter {
  /** A stage begins. */
  stage(name: string, text: string): void;
  /** Goes on within the stage; `share` is what is done of it, 0 to 1. */
  progress(text: string, share?: number): void;
  /** Something that is worth keeping on the screen. */
  note(text: string): void;
  /** An event of the worker. */
  event(event: Event, numSteps: number): void;
  /** The stage has ended. */
  done(text: string): void;
}
