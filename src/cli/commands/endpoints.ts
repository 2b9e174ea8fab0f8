/** slipway endpoints [NAME] [ADDRESS] */
import { addEndpoint } from '../../flow/compare/add-endpoint.js';
import { type KeptEndpoint, shownEndpoint } from '../../protocol/endpoint.js';
import { AppError } from '../../protocol/errors.js';
import { localTime } from '../../protocol/units.js';
import { endpointNotFound, findEndpoint, listEndpoints, removeEndpoint } from '../../store/endpoints.js';
import { slipwayHome } from '../../store/home.js';
import { noteUnreadable, printJson } from '../options.js';
import { table } from '../table.js';

interface EndpointOptions {
  apiKeyEnv?: string;
  remove?: boolean;
  json?: boolean;
}

/** Without a name all are listed, with an address one is kept. The key is in no output. */
export async function endpointsCommand(name: string | undefined, address: string | undefined, options: EndpointOptions): Promise<void> {
  const home = slipwayHome();
  if (name === undefined) {
    const { endpoints, unreadable } = listEndpoints(home);
    noteUnreadable(unreadable);
    if (options.json) return printJson(endpoints.map(shownEndpoint));
    if (endpoints.length > 0) process.stdout.write(tableOf(endpoints));
    else process.stdout.write('No endpoint is kept. Keep one: slipway endpoints my-server https://host:port/v1#model --api-key-env NAME\n');
    return;
  }
  if (options.remove) {
    removeEndpoint(home, name);
    if (options.json) printJson({ removed: name });
    else process.stdout.write(`removed ${name} and its key\n`);
    return;
  }
  const endpoint = address === undefined ? findEndpoint(home, name) : await addEndpoint(home, asked(name, address, options.apiKeyEnv));
  if (!endpoint) throw endpointNotFound(name);
  if (options.json) printJson(shownEndpoint(endpoint));
  else process.stdout.write(`${tableOf([endpoint])}\nCompare with it: slipway compare RUN ${name}\n`);
}

/** @throws AppError option-invalid */
function asked(name: string, address: string, variable: string | undefined) {
  const [base_url = '', model = ''] = address.split('#');
  const api_key = variable === undefined ? '' : process.env[variable];
  if (api_key !== undefined) return { name, base_url, model, api_key };
  throw new AppError('option-invalid', { option: `--api-key-env ${variable}`, problem: 'it is not set', command: 'endpoints' });
}

function tableOf(endpoints: KeptEndpoint[]): string {
  const rows = endpoints.map(({ name, base_url, model, api_key, kept_at }) => [
    name,
    base_url,
    model,
    api_key === null ? 'none' : 'kept',
    localTime(kept_at),
  ]);
  return `${table([['name', 'address', 'model', 'key', 'since'], ...rows])}\n`;
}
