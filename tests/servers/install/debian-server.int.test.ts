import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MissingServerError } from '../missing-server.ts';
import { defineDebianServer } from './debian-server.ts';

const tape = (folders: readonly string[] = []) =>
  defineDebianServer({ name: 'Tape', variable: 'TAPE_URL', program: 'taped', folders, debianPackage: 'tape-server' });

describe('a server of Debian', () => {
  it('is missing with the command that gets it, and cannot be installed without apt-get', async () => {
    vi.stubEnv('PATH', '/no/such/folder');
    onTestFinished(() => void vi.unstubAllEnvs());
    const expected = new MissingServerError(
      'Tape',
      'Get it with "apt-get install tape-server" (or put taped on PATH), or set TAPE_URL.',
    );
    expect(tape().isHere()).toBe(false);
    expect(() => tape().find()).toThrow(expected);
    await expect(tape().install()).rejects.toThrow(expected);
  });

  it('is found on PATH first, else in its newest version', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sorcha-'));
    onTestFinished(async () => rm(root, { recursive: true }));
    for (const folder of ['9/bin', '15/bin', '8/bin', 'path']) {
      await mkdir(join(root, folder), { recursive: true });
      await writeFile(join(root, folder, 'taped'), '', { mode: folder === '8/bin' ? 0o644 : 0o755 });
    }
    const server = tape([join(root, '*/bin')]);
    vi.stubEnv('PATH', '/no/such/folder');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(server.find()).toBe(join(root, '15/bin/taped'));
    vi.stubEnv('PATH', `${join(root, '8/bin')}:${join(root, 'path')}`);
    expect(server.find()).toBe(join(root, 'path/taped'));
  });
});
