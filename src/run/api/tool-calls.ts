/** Functions that a model may call: into the prompt by its own chat template, out of its answer, and forced by a grammar. */
import { randomUUID } from 'node:crypto';
import { AppError } from '../../protocol/errors.js';
import { isObject, parseRecord } from '../../protocol/metrics/record.js';
import type { Message } from '../../protocol/row.js';
import { heldBack } from '../engine/stop-texts.js';
import { type SchemaSize, toGrammarSchema } from './json-schema.js';
import type { ChatRequest, Tool, ToolCall } from './requests.js';

/** How a model writes a call: what stands around its JSON, and the name of its arguments. */
export interface CallFormat {
  open: string;
  close: string;
  arguments_key: 'arguments' | 'parameters';
}

/** Hermes 2 and Qwen, Llama 3.1 (its template asks for `parameters`), and plain JSON. */
export function callFormat(chatTemplate: string): CallFormat {
  if (chatTemplate.includes('<tool_call>')) return { open: '<tool_call>', close: '</tool_call>', arguments_key: 'arguments' };
  const hasParameters = /["']parameters["']\s*:/.test(chatTemplate) || chatTemplate.includes('<|python_tag|>');
  return { open: '', close: '', arguments_key: hasParameters ? 'parameters' : 'arguments' };
}

export interface ToolUse {
  tools: Tool[];
  format: CallFormat;
  /** The answer is a call of one of these; null: the model decides. */
  forced: Tool[] | null;
  allows_several: boolean;
}

/** @returns null where no function may be called. @throws AppError request-invalid */
export function toolUseOf(asked: ChatRequest, chatTemplate: string): ToolUse | null {
  const { tools, tool_choice: choice = 'auto' } = asked;
  const refuse = (problem: string) => new AppError('request-invalid', { problem });
  if (tools.length === 0) {
    if (asked.tool_choice && choice !== 'none' && choice !== 'auto') throw refuse('tool_choice: there are no tools to choose from');
    return null;
  }
  if (choice === 'none') return null;
  const named = typeof choice === 'object' ? choice.function.name : null;
  const forced = choice === 'required' ? tools : named === null ? null : tools.filter(({ function: { name } }) => name === named);
  if (forced?.length === 0)
    throw refuse(`tool_choice: there is no tool ${named}; there are ${tools.map((tool) => tool.function.name).join(', ')}`);
  const isHeld = asked.structured_outputs !== undefined || (asked.response_format && asked.response_format.type !== 'text');
  if (isHeld)
    throw refuse(
      'tools: an answer that is held to response_format or structured_outputs cannot call one; send tool_choice none, or leave the format out',
    );
  return { tools, format: callFormat(chatTemplate), forced, allows_several: asked.parallel_tool_calls };
}

/** What the prompt ends with, and what the answer is held to, so that it is a call. */
export function forcedCall({ format, forced }: ToolUse): { prefix: string; schema: object } | null {
  if (!forced) return null;
  const size = { parts: 0 };
  const calls = forced.map(({ function: { name, parameters } }) => ({
    type: 'object',
    properties: { name: { const: name }, [format.arguments_key]: parametersSchema(name, parameters, size) },
  }));
  return { prefix: format.open && `${format.open}\n`, schema: calls.length === 1 ? (calls[0] as object) : { oneOf: calls } };
}

function parametersSchema(name: string, parameters: Record<string, unknown> | undefined, size: SchemaSize): object {
  if (!parameters || Object.keys((parameters.properties ?? {}) as object).length === 0) return { type: 'object', properties: {} };
  try {
    return toGrammarSchema(parameters, size);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('request-invalid', { problem: `tools, ${name}: ${error.data.problem}` }, { cause: error });
  }
}

/** Characters of an answer so far that are no part of a call, whatever comes. */
export function shownLength(text: string, { format: { open } }: ToolUse): number {
  if (/^\s*([{[]|$)/.test(text)) return 0;
  if (!open) return text.length;
  const at = text.indexOf(open);
  return at >= 0 ? at : text.length - heldBack(text, [open]);
}

/** The calls of a whole answer, and the text before the first. An answer that is no valid call of a known function is text. */
export function readCalls(
  text: string,
  { tools, format: { open, close }, allows_several }: ToolUse,
): { content: string; tool_calls: ToolCall[] } {
  const at = open ? text.indexOf(open) : -1;
  const written =
    at >= 0
      ? text
          .slice(at)
          .split(open)
          .slice(1)
          .map((part) => part.split(close)[0] ?? '')
      : [text];
  const found = written.flatMap((one) => callOf(one, tools) ?? []);
  if (found.length === 0) return { content: text, tool_calls: [] };
  return { content: at > 0 ? text.slice(0, at).trimEnd() : '', tool_calls: allows_several ? found : found.slice(0, 1) };
}

function callOf(text: string, tools: Tool[]): ToolCall | null {
  const call = parseRecord(text.trim());
  const given = call?.arguments ?? call?.parameters ?? {};
  const values = typeof given === 'string' ? parseRecord(given) : given;
  if (!call || !isObject(values) || !tools.some((tool) => tool.function.name === call.name)) return null;
  return {
    id: `call_${randomUUID().replaceAll('-', '')}`,
    type: 'function',
    function: { name: String(call.name), arguments: JSON.stringify(values) },
  };
}

/** Messages as templates expect them: arguments of calls as values (Transformers, docs/source/en/chat_extras). */
export function asRendered(messages: ChatRequest['messages']): Message[] {
  return messages.map((message, index) => {
    if (message.role !== 'assistant' || !message.tool_calls) return message as Message;
    const tool_calls = message.tool_calls.map((call) => ({ ...call, function: { ...call.function, arguments: argumentsOf(call, index) } }));
    return { ...message, tool_calls } as Message;
  });
}

function argumentsOf(call: ToolCall, index: number): object {
  const values = parseRecord(call.function.arguments || '{}');
  if (values) return values;
  throw new AppError('request-invalid', {
    problem: `messages.${index}.tool_calls: the arguments of ${call.function.name} are no JSON object`,
  });
}
