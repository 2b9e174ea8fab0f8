/** Calls of functions in the answers of models of several kinds, whole and as they come. */
import { expect, test } from 'vitest';
import type { ChatRequest, Tool } from './requests.js';
import { asRendered, callFormat, forcedCall, readCalls, shownLength, type ToolUse, toolUseOf } from './tool-calls.js';

const tool = (name: string, parameters?: Record<string, unknown>): Tool => ({
  type: 'function',
  function: { name, ...(parameters ? { parameters } : {}) },
});
const TOOLS = [tool('weather', { type: 'object', properties: { city: { type: 'string' } } }), tool('time')];
const HERMES = callFormat('… <tool_call> …');
const LLAMA = callFormat('Respond with {"name": name, "parameters": values}');
const use = (format: ToolUse['format'], rest: Partial<ToolUse> = {}): ToolUse => ({
  tools: TOOLS,
  format,
  forced: null,
  allows_several: true,
  ...rest,
});
const calls = (text: string, of: ToolUse) => {
  const { content, tool_calls } = readCalls(text, of);
  return [content, ...tool_calls.map((call) => `${call.function.name} ${call.function.arguments}`)];
};

test('the form of a call is that of the chat template', () => {
  expect([HERMES.open, HERMES.arguments_key, LLAMA.open, LLAMA.arguments_key]).toEqual(['<tool_call>', 'arguments', '', 'parameters']);
  expect(callFormat('{{ tools | tojson }}')).toEqual({ open: '', close: '', arguments_key: 'arguments' });
});

test.each([
  ['<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>', HERMES, ['', 'weather {"city":"Oslo"}']],
  [
    'I look.\n<tool_call>{"name": "time", "arguments": {}}</tool_call>\n<tool_call>{"name": "weather", "arguments": {"city": "Rome"}}',
    HERMES,
    ['I look.', 'time {}', 'weather {"city":"Rome"}'],
  ],
  ['{"name": "weather", "parameters": {"city": "Oslo"}}', LLAMA, ['', 'weather {"city":"Oslo"}']],
  ['{"name": "weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}', LLAMA, ['', 'weather {"city":"Oslo"}']],
  ['{"name": "time"}', HERMES, ['', 'time {}']],
  ['{"name": "unknown", "arguments": {}}', LLAMA, ['{"name": "unknown", "arguments": {}}']],
  ['{"name": "weather", "arguments": [1]}', LLAMA, ['{"name": "weather", "arguments": [1]}']],
  ['<tool_call>{"name": "weather", "argu', HERMES, ['<tool_call>{"name": "weather", "argu']],
  ['It is warm.', HERMES, ['It is warm.']],
])('%j', (text, format, expected) => {
  expect(calls(text, use(format))).toEqual(expected);
});

test('one call only where several are not wanted', () => {
  const two = '<tool_call>{"name": "time"}</tool_call><tool_call>{"name": "time"}</tool_call>';
  expect(calls(two, use(HERMES, { allows_several: false }))).toEqual(['', 'time {}']);
});

test('of a stream only what cannot be part of a call is shown', () => {
  const shown = (text: string, format = HERMES) => text.slice(0, shownLength(text, use(format)));
  expect(shown('Let me see <too')).toBe('Let me see ');
  expect(shown('Let me see <tool_call>{"na')).toBe('Let me see ');
  expect(shown('a < b')).toBe('a < b');
  expect(shown(' {"name"')).toBe('');
  expect(shown('')).toBe('');
  expect(shown('text {', LLAMA)).toBe('text {');
});

const asked = (rest: Partial<ChatRequest>) => ({ tools: TOOLS, parallel_tool_calls: true, ...rest }) as ChatRequest;

test('a forced call begins as the model writes one, and is held to the schema of its arguments', () => {
  expect(toolUseOf(asked({}), '')?.forced).toBeNull();
  expect(toolUseOf(asked({ tool_choice: 'none' }), '')).toBeNull();
  expect(toolUseOf(asked({ tools: [] }), '')).toBeNull();
  const named = toolUseOf(asked({ tool_choice: { type: 'function', function: { name: 'weather' } } }), '<tool_call>') as ToolUse;
  expect(forcedCall(named)).toEqual({
    prefix: '<tool_call>\n',
    schema: {
      type: 'object',
      properties: { name: { const: 'weather' }, arguments: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  });
  const any = forcedCall(toolUseOf(asked({ tool_choice: 'required' }), '"parameters":') as ToolUse);
  expect(any).toMatchObject({
    prefix: '',
    schema: { oneOf: [{ properties: { parameters: {} } }, { properties: { parameters: { properties: {} } } }] },
  });
});

test('what cannot be is refused by name', () => {
  expect(() => toolUseOf(asked({ tool_choice: { type: 'function', function: { name: 'no' } } }), '')).toThrow(
    'there is no tool no; there are weather, time',
  );
  expect(() => toolUseOf(asked({ tools: [], tool_choice: 'required' }), '')).toThrow('no tools to choose from');
  expect(() => toolUseOf(asked({ response_format: { type: 'json_object' } }), '')).toThrow('cannot call one');
  const odd = toolUseOf(
    asked({ tools: [tool('x', { type: 'object', properties: { a: { type: 'string', pattern: '.' } } })], tool_choice: 'required' }),
    '',
  );
  expect(() => forcedCall(odd as ToolUse)).toThrow('tools, x: schema.a: `pattern` cannot be enforced here');
});

test('schemas of many tools have one limit together', () => {
  const many = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const tools = [tool('a', { type: 'object', properties: many }), tool('b', { type: 'object', properties: many })];
  expect(() => forcedCall(toolUseOf(asked({ tools, tool_choice: 'required' }), '') as ToolUse)).toThrow('more than 2000 parts');
});

test('arguments of calls in the messages are values for the template', () => {
  const call = (text: string) => [
    {
      role: 'assistant' as const,
      content: '',
      tool_calls: [{ id: '1', type: 'function' as const, function: { name: 'time', arguments: text } }],
    },
  ];
  expect(asRendered(call('{"a": 1}'))[0]?.tool_calls).toMatchObject([{ function: { arguments: { a: 1 } } }]);
  expect(() => asRendered(call('{"a"'))).toThrow('messages.0.tool_calls: the arguments of time are no JSON object');
});
