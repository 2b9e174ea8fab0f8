/** Endpoints elsewhere that this home keeps under a name, one file each. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeptEndpoint } from '../protocol/endpoint.js';
import { readJson, readJsonIfKnown, writeJson } from './files.js';
import { endpointFile } from './home.js';

/** By name; those that cannot be read by their names. */
export function listEndpoints(home: string): { endpoints: KeptEndpoint[]; unreadable: string[] } {
  const folder = dirname(endpointFile(home, 'x'));
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const read = names.sort().map((file) => {
    const name = file.replace(/\.json$/, '');
    return { name, endpoint: readJsonIfKnown(endpointFile(home, name), KeptEndpoint) };
  });
  return {
    endpoints: read.flatMap(({ endpoint }) => endpoint ?? []),
    unreadable: read.flatMap(({ name, endpoint }) => (endpoint === null ? [name] : [])),
  };
}

/** Null where none has the name. @throws AppError file-unreadable */
export function findEndpoint(home: string, name: string): KeptEndpoint | null {
  const isName = KeptEndpoint.shape.name.safeParse(name).success;
  return isName && existsSync(endpointFile(home, name)) ? readJson(endpointFile(home, name), KeptEndpoint) : null;
}

export function keepEndpoint(home: string, endpoint: KeptEndpoint): void {
  writeJson(endpointFile(home, endpoint.name), endpoint);
}

/** One that cannot be read goes too. @returns whether there was one */
export function removeEndpoint(home: string, name: string): boolean {
  const isThere = KeptEndpoint.shape.name.safeParse(name).success && existsSync(endpointFile(home, name));
  if (isThere) rmSync(endpointFile(home, name));
  return isThere;
}
