import { StorageError } from '@sorcha/storage';
import { findSecrets, redactText } from '../config/redact-secrets.ts';
import type { ChosenProvider, PortName } from '../providers/provider.ts';
import { SETTING_OF_PORT, type StorageConfig } from '../storage/storage-schema.ts';
import type { Finding } from './finding.ts';

/** How long one store may be looked at, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Looks at what a configuration names, all tiers side by side, without changing anything there. Never throws. */
export async function diagnoseStorage({ hot, warm, cold }: StorageConfig): Promise<Finding[]> {
  const chosen: readonly ChosenProvider<PortName>[] = [hot, warm.relational, warm.documents, cold];
  return (await Promise.all(chosen.map(diagnose))).flat();
}

async function diagnose(chosen: ChosenProvider<PortName>): Promise<Finding[]> {
  const name = SETTING_OF_PORT[chosen.port];
  const secrets = findSecrets(chosen.settings);
  const tell = (finding: Omit<Finding, 'name'>): Finding => ({ name, ...finding });
  try {
    const findings = await withinTime(chosen.inspect());
    return findings.map((finding) => tell({ ...finding, detail: `${chosen.provider}: ${finding.detail}` }));
  } catch (error) {
    const setting = chosen.blame(error);
    const code = error instanceof StorageError ? ` (${error.code})` : '';
    const message = redactText(error instanceof Error ? error.message : String(error), secrets).replace(/\.$/, '');
    return [
      tell({
        status: 'fail',
        detail: `${chosen.provider}: ${message}${code}`,
        fix: `check ${setting === undefined ? name : `${name}.${setting}`}`,
      }),
    ];
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new StorageError('TIMEOUT', `There was no answer within ${TIMEOUT_MS} ms.`));
  }, TIMEOUT_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
