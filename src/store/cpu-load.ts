/** How much of this machine's processors other programs use, by the kernel's own counts (proc(5)). Linux; elsewhere nothing is known. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Of a second; what `getconf CLK_TCK` says on every Linux that Node runs on. */
const TICKS = 100;

interface Ticks {
  at_ms: number;
  /** Of all processors, idle and waiting time left out. */
  busy: number;
  /** Of this process and all that it has started. */
  own: number;
}

/** @returns a function that gives the mean number of cores that others have used since; null where it is not known */
export function startCpuMeter(): () => number | null {
  const before = readTicks();
  return () => {
    const after = readTicks();
    if (!before || !after) return null;
    const seconds = Math.max(1e-3, (after.at_ms - before.at_ms) / 1000);
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.max(0, others / TICKS / seconds);
  };
}

function readTicks(): Ticks | null {
  if (!existsSync('/proc/stat')) return null;
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  // user nice system idle iowait irq softirq steal: guest time is part of user time.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return { at_ms: performance.now(), busy: user + nice + system + irq + softirq, own: ownTicks() };
}

/** Own and children's user and system time: fields 14 to 17 of /proc/<pid>/stat; children that ended are in those of their parent. */
function ownTicks(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(pid) ?? []);
  const own = new Set([process.pid]);
  for (let size = 0; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of processes) if (own.has(parent)) own.add(pid);
  }
  return processes.reduce((sum, { pid, ticks }) => (own.has(pid) ? sum + ticks : sum), 0);
}

function statOf(name: string): { pid: number; parent: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The command in parentheses may hold spaces and parentheses: count fields after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid: Number(name), parent: Number(fields[1]), ticks };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}
