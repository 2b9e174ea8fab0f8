/**
 * Files of rows are read in a process of their own: whatever is in one, it takes neither the memory nor the time of the
 * command or of the studio. From the sources, where nothing is built, they are read in this one.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { AppError, type ErrorCode } from '../../protocol/errors.js';
import { programFile } from '../../store/package.js';
import { type Answered, type Asked, type FromProgram, OPERATIONS, type Operation } from './operations.js';

export interface ApartLimits {
  memory_mb: number;
  time_ms: number;
}

/** A million short rows with their splits take 2 GB; the rest of the machine is for others. */
const LIMITS: ApartLimits = { memory_mb: Math.min(4096, Math.floor(totalmem() / 2 / 2 ** 20)), time_ms: 10 * 60_000 };
/** What Node ends with when its heap is full (v8, FatalProcessOutOfMemory aborts). */
const OUT_OF_MEMORY = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

/** @throws AppError data-limit when it takes too much, and what the operation throws */
export async function readApart<O extends Operation>(
  operation: O,
  asked: Asked<O>,
  { limits = LIMITS, onRows = () => undefined }: { limits?: ApartLimits; onRows?: (numRows: number) => void } = {},
): Promise<Answered<O>> {
  const program = programFile('flow/rows/program');
  if (!existsSync(program)) return (await OPERATIONS[operation](asked as never, onRows)) as Answered<O>;
  const child = fork(program, [], {
    execArgv: [`--max-old-space-size=${limits.memory_mb}`],
    serialization: 'advanced',
    // Node writes pages about a heap that is full.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const file = 'file' in asked ? asked.file : '';
  const over = (what: string, limit: string) => new AppError('data-limit', { file, what, limit });
  return await new Promise<Answered<O>>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(over('the time that its rows take', `${limits.time_ms / 1000} seconds`));
      child.kill('SIGKILL');
    }, limits.time_ms);
    child.on('message', (message: FromProgram) => {
      if ('rows' in message) return onRows(message.rows);
      clearTimeout(timer);
      if ('answer' in message) resolve(message.answer as Answered<O>);
      else if ('error' in message) reject(new AppError(message.error.code as ErrorCode, message.error.data));
      else reject(new Error(message.problem));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const isFull = (signal !== null && OUT_OF_MEMORY.includes(signal)) || code === 134;
      if (isFull) reject(over('the memory that its rows take', `${limits.memory_mb} MB`));
      // After an answer this changes nothing.
      reject(new Error(`the process that reads rows ended (${signal ?? `code ${code}`})`));
    });
    child.send({ operation, asked });
  });
}
