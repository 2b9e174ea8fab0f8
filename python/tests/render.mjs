// Renders chats for test_templates.py as the product's server does: a JSON request a line, a text or an error a line.
import { createInterface } from 'node:readline';
import { renderChat } from '../../dist/model/gguf/chat-template.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { template, messages, tools, add_generation_prompt } = JSON.parse(line);
  const answer = await Promise.resolve()
    .then(() => renderChat(template, messages, { addGenerationPrompt: add_generation_prompt, tools: tools ?? undefined }))
    .then(
      (text) => ({ text }),
      (error) => ({ error: String(error) }),
    );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
