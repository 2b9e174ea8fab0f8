/** The command line as a person runs it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, testHome } from './home.js';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const slipwayProgram = [process.execPath, join(root, 'dist', 'cli', 'main.js')] as const;

export function slipway(...commandLine: string[]): Promise<Outcome> {
  return outcomeOf([...slipwayProgram, ...commandLine]);
}

/** A command that a test talks to while it runs. */
export function spawnSlipway(options: SpawnOptions, ...commandLine: string[]): { child: ChildProcess; ended: Promise<Outcome> } {
  return start([...slipwayProgram, ...commandLine], options);
}

export function outcomeOf(command: string[], options: SpawnOptions = {}): Promise<Outcome> {
  return start(command, options).ended;
}

function start([program, ...programArguments]: string[], options: SpawnOptions): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(program as string, programArguments, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SLIPWAY_HOME: testHome, NO_COLOR: '1' },
    ...options,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}
