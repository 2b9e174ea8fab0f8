/** slipway studio */
import { startStudio } from '../../server/studio.js';
import { slipwayHome } from '../../store/home.js';
import { printJson, wholeNumber } from '../options.js';
import { untilInterrupted } from '../until-interrupted.js';

export async function studioCommand(options: { port: string; json?: boolean }): Promise<void> {
  const studio = await startStudio(slipwayHome(), wholeNumber('--port', options.port, 0, 'studio'));
  const link = studio.link('/runs');
  if (options.json) printJson({ url: link, port: studio.port });
  else process.stdout.write(`${link}\n  The link signs one browser in, once. Runs continue when the studio ends. Ctrl-C ends it.\n`);
  await untilInterrupted();
  await studio.close();
}
