/** The process in which files of rows are read; it is given one operation, answers and ends. Started by read-apart.ts. */
import { AppError, asAppError, isDiskFull } from '../../protocol/errors.js';
import { type FromProgram, OPERATIONS, type Operation } from './operations.js';

process.once('message', (message: { operation: Operation; asked: never }) => {
  const onRows = (rows: number) => process.send?.({ rows } satisfies FromProgram);
  OPERATIONS[message.operation](message.asked, onRows)
    .then((answer) => end({ answer }))
    .catch((thrown: unknown) => {
      const error = thrown instanceof AppError || isDiskFull(thrown) ? asAppError(thrown) : null;
      if (error) end({ error: { code: error.code, data: error.data } });
      else end({ problem: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    });
});
process.once('disconnect', () => process.exit(1));
// So that what was begun is removed (`exit` handlers run).
process.once('SIGINT', () => process.exit(130));
// Of a Parquet file's columns, which are read side by side, the first failure is thrown; the others come here (hyparquet 1.31).
process.on('unhandledRejection', () => undefined);

function end(last: FromProgram): void {
  process.send?.(last, () => process.exit(0));
}
