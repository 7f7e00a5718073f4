import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { withLock } from '../process/machine-lock.ts';
import { findProgram } from './find-program.ts';

/** Debian asks this program whether the servers of new packages may be started; 101 says no. */
const START_POLICY = '/usr/sbin/policy-rc.d';
/** Takes itself away when this process was killed and could not. */
const NO_START = `#!/bin/sh\n[ -d /proc/${process.pid} ] && exit 101\nrm -f "$0"\n`;

/** Says whether {@link installDebianPackages} can work: root on Debian or a system made of it. */
export function canInstallDebianPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined;
}

/**
 * Installs packages, one process at a time, without starting the servers in them. Fails with what apt-get wrote.
 *
 * @param options.isDone asked when the turn has come: another process may have done it meanwhile
 */
export async function installDebianPackages(
  packages: readonly string[],
  { isDone = () => false }: { readonly isDone?: () => boolean } = {},
): Promise<void> {
  await withLock('apt-get', async () => {
    if (isDone()) {
      return;
    }
    await withoutStartingServers(async () => {
      await runAptGet(['update', '--quiet']);
      await runAptGet(['install', '--quiet', '--yes', '--no-install-recommends', ...packages]);
    });
  });
}

async function withoutStartingServers(install: () => Promise<void>): Promise<void> {
  if (existsSync(START_POLICY)) {
    await install();
    return;
  }
  await writeFile(START_POLICY, NO_START, { mode: 0o755 });
  try {
    await install();
  } finally {
    await rm(START_POLICY, { force: true });
  }
}

function runAptGet(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output = (output + chunk).slice(-4_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`apt-get ${args.join(' ')} ended with ${code}:\n${output}`)),
    );
  });
}
