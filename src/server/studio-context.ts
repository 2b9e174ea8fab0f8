/** What the studio hands to each group of its routes. */
import type { FastifyRequest } from 'fastify';
import type { Frame } from '../web/layout.js';
import type { Preparings } from './preparing.js';
import type { Sessions } from './sessions.js';

/** What every route works with. */
export interface StudioContext {
  home: string;
  sessions: Sessions;
  /** Where files may lie that a recipe names which is started from the browser. */
  data_folders: string[];
  /** What forms have started and is not there yet. */
  preparings: Preparings;
  /** What a page's frame shows for this request. */
  frame(request: FastifyRequest): Frame;
}
