/** Endpoints elsewhere that this home keeps under a name, one file each. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeptEndpoint } from '../protocol/endpoint.js';
import { AppError } from '../protocol/errors.js';
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
  return isKept(home, name) ? readJson(endpointFile(home, name), KeptEndpoint) : null;
}

export function keepEndpoint(home: string, endpoint: KeptEndpoint): void {
  writeJson(endpointFile(home, endpoint.name), endpoint);
}

/** One that cannot be read goes too. @throws AppError endpoint-not-found */
export function removeEndpoint(home: string, name: string): void {
  if (!isKept(home, name)) throw endpointNotFound(name);
  rmSync(endpointFile(home, name));
}

/** @param base_url where it should be, if that is known */
export function endpointNotFound(name: string, base_url?: string): AppError {
  return new AppError('endpoint-not-found', { name, at: base_url ? ` at ${base_url}` : '', url: base_url ?? 'https://host:port/v1' });
}

/** A name of another form is no file. */
function isKept(home: string, name: string): boolean {
  return KeptEndpoint.shape.name.safeParse(name).success && existsSync(endpointFile(home, name));
}
