/** Rendering messages with a model's own chat template, for serving. */
import { Template } from '@huggingface/jinja';
import { AppError } from '../../protocol/errors.js';
import type { Message } from '../../protocol/row.js';

/** @throws AppError request-invalid when the template refuses the messages (order of roles, missing content) */
export function renderChat(template: string, messages: Message[], addGenerationPrompt: boolean, tools?: unknown[]): string {
  try {
    return new Template(template).render({
      messages: messages.map(withReasoning),
      add_generation_prompt: addGenerationPrompt,
      ...(tools ? { tools } : {}),
    });
  } catch (cause) {
    throw new AppError('request-invalid', { problem: `the chat template refuses the messages: ${String(cause)}` }, { cause });
  }
}

/** A message's reasoning under the names that templates read, as Transformers gives it (utils/chat_template_utils.py). */
function withReasoning(message: Message): Record<string, unknown> {
  const reasoning = message.reasoning_content ?? message.thinking;
  return reasoning === undefined ? message : { thinking: reasoning, ...message, reasoning_content: reasoning };
}
