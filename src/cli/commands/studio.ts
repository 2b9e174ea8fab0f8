/** slipway studio */
import { resolve } from 'node:path';
import { startStudio } from '../../server/studio.js';
import { slipwayHome } from '../../store/home.js';
import { printJson, wholeNumber } from '../options.js';
import { untilInterrupted } from '../until-interrupted.js';

export async function studioCommand(options: { port: string; data: string[]; json?: boolean }): Promise<void> {
  const data_folders = (options.data.length > 0 ? options.data : ['.']).map((folder) => resolve(folder));
  const studio = await startStudio(slipwayHome(), { port: wholeNumber('--port', options.port, 0, 'studio'), data_folders });
  const link = studio.link('/runs');
  if (options.json) printJson({ url: link, port: studio.port });
  else process.stdout.write(`${link}\n  The link signs one browser in, once. Runs continue when the studio ends. Ctrl-C ends it.\n`);
  await untilInterrupted();
  await studio.close();
}
