// Which cores this process may use, in two halves.
import { readFileSync } from 'node:fs';

/** @returns two lists as `taskset -c` takes them; null where there are no two cores, or no list of them (Linux has one) */
export function halvesOfCores(list = allowedCores()) {
  const cores = list.split(',').flatMap((span) => {
    const [first, last = first] = span.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  if (list === '' || cores.length < 2) return null;
  const half = Math.floor(cores.length / 2);
  return [cores.slice(0, half).join(','), cores.slice(half).join(',')];
}

/** Such as `0-3,8`: in a container they need not begin with 0. */
function allowedCores() {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
