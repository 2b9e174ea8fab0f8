/** Lines of events.jsonl as events, with the first breach of the protocol named. A pure function. */
import { Event } from '../protocol/event.js';

/** A worker's line is untrusted: the longest that the protocol knows is a sample of some kilobytes. */
const MAX_LINE_CHARACTERS = 1_000_000;

/**
 * @param first number of the first line, for a part of a file that is read as it grows
 * @param isOver the worker has ended, so that a last line without its newline is a breach and not one still being written
 */
export function parseEvents(text: string, isOver: boolean, first = 0): { events: Event[]; problem: string | null } {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const events: Event[] = [];
  for (const [offset, line] of lines.entries()) {
    const index = first + offset;
    const place = `events.jsonl:${index + 1}`;
    if (line.length > MAX_LINE_CHARACTERS) return { events, problem: `${place} is longer than ${MAX_LINE_CHARACTERS} characters` };
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return { events, problem: `${place} is not JSON` };
    }
    const parsed = Event.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return { events, problem: `${place}: ${issue?.path.join('.')}: ${issue?.message}` };
    }
    if (parsed.data.seq !== index) return { events, problem: `${place} has seq ${parsed.data.seq}, expected ${index}` };
    events.push(parsed.data);
  }
  return { events, problem: isOver && rest !== '' ? `events.jsonl:${first + lines.length + 1} breaks off in the middle of a line` : null };
}
