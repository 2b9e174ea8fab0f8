/** How a program asks what is served: lines to copy, the same on the terminal and on the page. Pure functions. */

export interface Served {
  base_url: string;
  /** Null: none is wanted. */
  api_key: string | null;
}

export function chatCommand({ base_url, api_key }: Served, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  return curl(`${base_url}/chat/completions`, api_key, body);
}

/** Of a reward model: it scores the last answer of each conversation. */
export function scoreCommand({ base_url, api_key }: Served, model: string): string {
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello! How can I help?' },
  ];
  return curl(`${base_url}/score`, api_key, JSON.stringify({ model, input: [{ messages }] }));
}

function curl(url: string, api_key: string | null, body: string): string {
  return `curl ${url} -H 'content-type: application/json'${api_key ? ` -H 'authorization: Bearer ${api_key}'` : ''} -d '${body}'`;
}

/** With `pip install openai`. */
export function pythonLines({ base_url, api_key }: Served, model: string): string[] {
  return [
    'from openai import OpenAI',
    `client = OpenAI(base_url="${base_url}", api_key="${api_key ?? 'none'}")`,
    `print(client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Hello"}]).choices[0].message.content)`,
  ];
}
