/** Progress on the terminal: one live line where there is a terminal, a line now and then where there is none. */

import type { Reporter } from '../flow/reporter.js';
import type { Event } from '../protocol/event.js';
import { duration, gigabytes, percent } from '../protocol/units.js';
import { printable } from './printable.js';
import { style } from './style.js';
import { cut } from './table.js';

/** Without a terminal a line is worth its place only so often. */
const PLAIN_LINE_MS = 15_000;
const BAR_WIDTH = 24;
const NAME_WIDTH = 12;

export function terminalReporter(stream: NodeJS.WriteStream): Reporter & { end(): void } {
  const isLive = stream.isTTY === true;
  const width = () => (isLive ? Math.max(40, stream.columns ?? 80) : 200);
  let started = Date.now();
  let measured = { text: '', since: 0, share: 0 };
  let lastPlain = 0;
  let current = '';
  let devLoss: number | null = null;

  const clear = () => {
    if (isLive && current) stream.write('\r\x1b[2K');
    current = '';
  };
  const print = (text: string) => {
    clear();
    stream.write(`${text}\n`);
  };
  const live = (text: string) => {
    const line = `${' '.repeat(NAME_WIDTH)} ${text}`;
    if (isLive) {
      clear();
      current = cut(line, width() - 1);
      stream.write(current);
    } else if (Date.now() - lastPlain > PLAIN_LINE_MS) {
      lastPlain = Date.now();
      stream.write(`${line}\n`);
    }
  };
  const elapsed = () => (Date.now() - started) / 1000;

  return {
    stage(name, text) {
      started = Date.now();
      lastPlain = 0;
      print(`${style('bold', name.padEnd(NAME_WIDTH))} ${printable(text)}`);
    },
    progress(text, share) {
      // Each kind of progress has a clock of its own; what was done before it began does not count.
      const kind = text.replace(/\d+/g, '#');
      if (share !== undefined && measured.text !== kind) measured = { text: kind, since: Date.now(), share };
      const gained = share === undefined ? 0 : share - measured.share;
      const left = share && gained > 0.02 ? `, ${duration(((Date.now() - measured.since) / 1000 / gained) * (1 - share))} left` : '';
      live(share === undefined ? text : `${bar(share)} ${percent(share)} ${text}${left}`);
    },
    note(text) {
      const indent = ' '.repeat(NAME_WIDTH + 1);
      print(
        printable(text)
          .split('\n')
          .map((line) => indent + line)
          .join('\n'),
      );
    },
    event(event: Event, numSteps: number) {
      const indent = ' '.repeat(NAME_WIDTH + 1);
      switch (event.type) {
        case 'phase':
          live(`${event.name}${event.share === undefined ? '' : ` ${percent(event.share)}`}`);
          return;
        case 'run-start': {
          const classes = event.coverage.filter(({ num_reached_parameters }) => num_reached_parameters > 0);
          const shares = classes.map((entry) => `${entry.module_class} ${percent(entry.num_reached_parameters / entry.num_parameters)}`);
          const trained = event.coverage.reduce((sum, entry) => sum + entry.num_trained_parameters, 0);
          print(
            `${indent}adapted: ${shares.join(', ')}; ${(trained / 1e6).toFixed(2)} M parameters are trained${event.start_step ? `; resumed from step ${event.start_step}` : ''}`,
          );
          return;
        }
        case 'step-end': {
          const dev = devLoss === null ? '' : ` · last dev loss ${devLoss.toFixed(4)}`;
          live(
            `${bar(event.step / numSteps)} step ${event.step}/${numSteps} · loss ${event.loss.toFixed(4)}${dev} · ${event.tokens_per_second.toFixed(0)} tokens/s · ${duration(event.seconds_left)} left`,
          );
          return;
        }
        case 'worst-batch':
          print(
            `${indent}longest batch, ${event.num_tokens} tokens: ${gigabytes(event.memory_bytes)} peak memory, forecast ${gigabytes(event.forecast_bytes)}`,
          );
          return;
        case 'eval-end':
          devLoss = event.loss;
          print(
            `${indent}step ${event.step}: dev loss ${event.loss.toFixed(4)}${event.is_best ? ', the best so far' : ''}${pairsText(event)}`,
          );
          return;
        case 'sample': {
          const isRight = event.answer.trim() === event.expected.trim();
          print(`${indent}${style('dim', cut(event.prompt, width() - NAME_WIDTH - 2))}`);
          print(`${indent}${isRight ? style('green', '✓') : style('yellow', '≠')} ${cut(event.answer, width() - NAME_WIDTH - 4)}`);
          return;
        }
        case 'checkpoint-save':
        case 'run-end':
        case 'run-error':
          return;
      }
    },
    done(text) {
      print(`${' '.repeat(NAME_WIDTH)} ${style('green', '✓')} ${printable(text)} (${duration(elapsed())})`);
    },
    end: clear,
  };
}

/** Of pairs: on how many the better answer has gained more, and whether it has gained at all. */
function pairsText({ metrics }: Extract<Event, { type: 'eval-end' }>): string {
  const { 'rewards/accuracies': accuracy, 'rewards/chosen': chosen } = metrics;
  const right = accuracy === undefined ? '' : `, ${percent(accuracy)} of the pairs on the right side`;
  return `${right}${chosen !== undefined && chosen < 0 ? style('yellow', '; better answers are less likely than before') : ''}`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}]`;
}
