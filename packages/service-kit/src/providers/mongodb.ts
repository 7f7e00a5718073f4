import { StorageError } from '@sorcha/storage';
import { toConnectionText } from '../config/server-url.ts';
import { secretSetting, serverUrlSetting, textSetting, wholeNumberSetting } from '../config/settings.ts';
import { defineProvider, type Inspected } from './provider.ts';

const settings = {
  url: serverUrlSetting(['mongodb:', 'mongodb+srv:'], 'mongodb://user@host:27017/database'),
  password: secretSetting().optional(),
  database: textSetting('the name of a database').optional(),
  maxConnections: wholeNumberSetting(1, 1_000).default(10),
  connectTimeoutMs: wholeNumberSetting(1, 600_000, 'in milliseconds').default(10_000),
  timeoutMs: wholeNumberSetting(1, 86_400_000, 'in milliseconds').default(30_000),
};

type Settings = Parameters<typeof toOptions>[0];

function toOptions(chosen: {
  readonly url: Parameters<typeof toConnectionText>[0];
  readonly password?: Parameters<typeof toConnectionText>[1] | undefined;
  readonly database?: string | undefined;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
}) {
  const { url, password, database, maxConnections: max, connectTimeoutMs, timeoutMs } = chosen;
  return {
    url: toConnectionText(url, password),
    ...(database === undefined ? {} : { database }),
    pool: { max },
    connectTimeoutMs,
    timeoutMs,
  };
}

const load = async () => import('@sorcha/storage-mongodb');

/** MongoDB, or a server that speaks its language. */
export const mongodbProviders = [
  defineProvider({
    port: 'documents',
    name: 'mongodb',
    settings,
    blame: blameMongo,
    inspect,
    open: (chosen: Settings) => async (definition) =>
      (await load()).openMongoDocumentStore({ ...toOptions(chosen), definition }),
  }),
  defineProvider({
    port: 'worm',
    name: 'mongodb',
    settings,
    blame: blameMongo,
    inspect,
    open: (chosen: Settings) => async (definition) =>
      (await load()).openMongoWormStore({ ...toOptions(chosen), definition }),
  }),
];

async function inspect(chosen: Settings): Promise<readonly Inspected[]> {
  const { inspectMongo } = await load();
  const { version, database, collections, mayWrite } = await inspectMongo(toOptions(chosen));
  const count = `${collections.length} collection${collections.length === 1 ? '' : 's'}`;
  const findings: Inspected[] = [
    {
      status: 'pass',
      detail: `${chosen.url.shown} answers, version ${version}, with transactions; "${database}" has ${count}`,
    },
  ];
  if (!mayWrite) {
    findings.push({
      status: 'fail',
      detail: `this user may not write to "${database}"`,
      fix: 'grant it readWrite there, or for a cold tier the role of wormRoleDefinition',
    });
  }
  return findings;
}

const AUTHENTICATION_FAILED = 18;

/** The url names who signs in, so it is also to blame for what that user may not do. */
function blameMongo(error: unknown, { database }: Settings): string | undefined {
  const cause = error instanceof StorageError ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === AUTHENTICATION_FAILED || /password/i.test(cause instanceof Error ? cause.message : '')) {
    return 'password';
  }
  const isNameless = error instanceof StorageError && error.message.includes('needs a database');
  return isNameless && database !== undefined ? 'database' : 'url';
}
