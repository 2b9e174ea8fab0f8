/** Messages with the field of the file that each came from, and what no method can learn from, whatever the format. */
import type { Message } from '../protocol/row.js';
import type { FieldProblem } from './columns.js';

export interface Turn {
  message: Message;
  /** As the file has it, such as `completion` or `conversations.3.value`. */
  field: string;
}

/** Messages of one part of a row: a text is one message, under the part's own name. */
export function turnsOfPart(part: string, messages: Message[], { isText = false, inner = 'content' } = {}): Turn[] {
  return messages.map((message, index) => ({ message, field: isText ? part : `${part}.${index}.${inner}` }));
}

export const messagesOf = (turns: Turn[]): Message[] => turns.map(({ message }) => message);

/** @param side of a row: the whole conversation that is learnt; @param wantsAnswer a prompt has none */
export function turnProblems(side: Turn[], wantsAnswer: boolean): FieldProblem[] {
  const problems = side.flatMap(({ message, field }, index): FieldProblem[] => {
    const isEmpty = message.content.trim() === '' && !message.tool_calls?.length;
    if (message.role === 'system' && index > 0) return [{ field, problem: 'a system message must be the first' }];
    if (message.role === 'assistant' && isEmpty)
      return [{ field, problem: 'an empty answer teaches nothing: write one or remove the row' }];
    return [];
  });
  const last = side.at(-1);
  if (!wantsAnswer || last?.message.role === 'assistant') return problems;
  return [...problems, { field: last?.field ?? '', problem: 'the last message must be the assistant’s answer' }];
}
