export function halvesOfCores(list?: string): [string, string] | null;
