// Runs a command, and tells what other programs took of the machine meanwhile (Linux).
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 500;
/** Clock ticks of /proc a second. */
const TICKS = 100;

/** @returns a function of two times: seconds of CPU that processes took between them which the command did not start */
export async function timed([program, ...words], { env, cwd, log }) {
  // Inherited by all that the command starts, detached or not.
  const [name, value] = ['SLIPWAY_BENCH_RUN', randomUUID()];
  const output = openSync(log, 'w');
  const child = spawn(program, words, { env: { ...env, [name]: value }, cwd, stdio: ['ignore', output, output] });
  const own = new Map();
  const samples = [];
  const look = () => {
    for (const [pid, ticks] of ticksOf(`${name}=${value}`)) own.set(pid, ticks);
    const { user, system } = process.cpuUsage();
    const taken = [...own.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS + (user + system) / 1e6;
    samples.push({ at: Date.now(), others_s: busyTicks() / TICKS - taken });
  };
  const poll = setInterval(look, POLL_MS);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(poll);
  closeSync(output);
  const before = (time) => samples.findLast(({ at }) => at <= time) ?? samples[0];
  return (start, end) => before(end).others_s - before(start).others_s;
}

function busyTicks() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

/** Of each process with the mark in its environment: user and system time of its own. */
function ticksOf(mark) {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return [];
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // A program's name may hold anything.
        const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
        return [[pid, Number(fields[11]) + Number(fields[12])]];
      } catch {
        return [];
      }
    });
}
