/** Reading server-sent events. */
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** The data of each event but the last, `[DONE]`. A line that no newline ends is no event. */
export async function* serverSentEvents(response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  const events = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream());
  for await (const { data } of events as unknown as AsyncIterable<{ data: string }>) if (data !== '[DONE]') yield data;
}
