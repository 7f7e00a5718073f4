import { StorageError } from '@sorcha/storage';
import { toConnectionText } from '../config/server-url.ts';
import { secretSetting, serverUrlSetting, textSetting, wholeNumberSetting } from '../config/settings.ts';
import { defineProvider, type Inspected } from './provider.ts';

const settings = {
  url: serverUrlSetting(['postgres:', 'postgresql:'], 'postgres://user@host:5432/database'),
  password: secretSetting().optional(),
  schema: textSetting(
    '1 to 40 characters of a-z 0-9 _, starting with a letter and not with pg_',
    /^(?!pg_)[a-z][a-z0-9_]{0,39}$/,
  ).default('sorcha'),
  maxConnections: wholeNumberSetting(1, 1_000).default(10),
  acquireTimeoutMs: wholeNumberSetting(1, 600_000, 'in milliseconds').default(10_000),
  connectTimeoutMs: wholeNumberSetting(1, 600_000, 'in milliseconds').default(10_000),
  statementTimeoutMs: wholeNumberSetting(1, 86_400_000, 'in milliseconds').default(30_000),
};

type Settings = Parameters<typeof toOptions>[0];

function toOptions(chosen: {
  readonly url: Parameters<typeof toConnectionText>[0];
  readonly password?: Parameters<typeof toConnectionText>[1] | undefined;
  readonly schema: string;
  readonly maxConnections: number;
  readonly acquireTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}) {
  const { url, password, schema, maxConnections: max, acquireTimeoutMs, connectTimeoutMs, statementTimeoutMs } = chosen;
  const pool = { max, acquireTimeoutMs, connectTimeoutMs };
  return { url: toConnectionText(url, password), schema, pool, statementTimeoutMs };
}

const load = async () => import('@sorcha/storage-sql');

/** PostgreSQL, from version 14 on. */
export const postgresProviders = [
  defineProvider({
    port: 'relational',
    name: 'postgres',
    settings,
    blame: blamePostgres,
    inspect,
    open: (chosen: Settings) => async (entities) =>
      (await load()).openPostgresRelationalStore({ ...toOptions(chosen), entities }),
  }),
  defineProvider({
    port: 'documents',
    name: 'postgres',
    settings,
    blame: blamePostgres,
    inspect,
    open: (chosen: Settings) => async (definition) =>
      (await load()).openPostgresDocumentStore({ ...toOptions(chosen), definition }),
  }),
  defineProvider({
    port: 'worm',
    name: 'postgres',
    settings,
    blame: blamePostgres,
    inspect,
    open: (chosen: Settings) => async (definition) =>
      (await load()).openPostgresWormStore({ ...toOptions(chosen), definition }),
  }),
];

async function inspect(chosen: Settings): Promise<readonly Inspected[]> {
  const { inspectPostgres } = await load();
  const found = await inspectPostgres(toOptions(chosen));
  const { schema, maxConnections } = chosen;
  const findings: Inspected[] = [
    { status: 'pass', detail: `${chosen.url.shown} answers, PostgreSQL ${found.version}, as ${found.user}` },
  ];
  if (!found.mayCreate) {
    findings.push({
      status: found.hasSchema ? 'warn' : 'fail',
      detail: `the user ${found.user} may not create ${found.hasSchema ? 'tables in' : ''} the schema "${schema}"`,
      fix: 'grant it CREATE there, or have the tables made by another user',
    });
  }
  if (found.isStandby || !found.isDurable) {
    findings.push({
      status: found.isStandby ? 'fail' : 'warn',
      detail: found.isStandby
        ? 'the server is a standby, which takes no writes'
        : 'commits may be lost in a power failure',
      fix: found.isStandby ? 'name the primary' : 'set fsync = on and synchronous_commit = on',
    });
  }
  if (maxConnections > found.maxConnections / 2) {
    findings.push({
      status: 'warn',
      detail: `${maxConnections} connections are configured, the server takes ${found.maxConnections} in all`,
      fix: 'lower maxConnections, or raise max_connections of the server',
    });
  }
  return findings;
}

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function blamePostgres(error: unknown): string | undefined {
  const cause = error instanceof StorageError ? error.cause : error;
  const state = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (state === '28P01' || /password/i.test(cause instanceof Error ? cause.message : '')) {
    return 'password';
  }
  // What does not fit a declaration is told with the schema in which it was found.
  const isAboutSchema = error instanceof StorageError && /\bschema "/.test(error.message);
  return state === '42501' || isAboutSchema ? 'schema' : 'url';
}
