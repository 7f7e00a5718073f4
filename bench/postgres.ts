/**
 * Claims: entities on PostgreSQL cost hardly more than the bare driver with prepared statements (a get by key 0.9 or more),
 * although they are checked, versioned, and can be cancelled; and they are ahead of Drizzle and MikroORM.
 */
import { defineEntity as defineMikroEntity, MikroORM, p } from '@mikro-orm/postgresql';
import { defineEntity, type Stored } from '@sorcha/storage';
import { openPostgresRelationalStore } from '@sorcha/storage-sql';
import { startPostgres } from '@sorcha/test-servers';
import { and, asc, eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigint, boolean, doublePrecision, jsonb, pgSchema, text, timestamp } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';
import { z } from 'zod';
import { type Contender, measureRatio, printRatio } from './measure-ratio.ts';

const ROWS = 1_000;
/** Short rounds and many: what else the machine does falls on both sides of a round. */
const OPERATIONS = 64;
const ROUNDS = 101;
const GROUPS = 50;
const CONNECTIONS = 10;

const part = defineEntity({
  name: 'part',
  schema: z.object({
    id: z.string(),
    name: z.string(),
    size: z.int(),
    weight: z.number(),
    spare: z.boolean(),
    made: z.date(),
    details: z.object({ maker: z.string(), tags: z.array(z.string()) }),
  }),
  key: 'id',
  indexes: [['size']],
});
type Part = ReturnType<typeof part.parse>;

const createPart = (id: string, index: number): Part => ({
  id,
  name: `part ${index}`,
  size: index % GROUPS,
  weight: index / 7,
  spare: index % 2 === 0,
  made: new Date(1_700_000_000_000 + index),
  details: { maker: `maker ${index % 9}`, tags: ['a', 'b', `${index}`] },
});
const parts = Array.from({ length: ROWS }, (_, index) => createPart(`p${index}`, index));

const ends: (() => Promise<void>)[] = [];
const server = await startPostgres({ onEnd: (end) => ends.push(end) });
const url = await server.createDatabase();
const store = await openPostgresRelationalStore({ url, entities: [part], pool: { max: CONNECTIONS } });
const ours = store.repository(part);
await ours.addMany(parts);

// All contenders work on the table that ours made, each with a pool of its own.
const pool = new Pool({ connectionString: url, max: CONNECTIONS });
// MikroORM leaves the first version to the database.
await pool.query('alter table sorcha.entity_part alter column version set default 1');
const columns = '"id", "name", "size", "weight", "spare", "made", "details", "version"';
const statements = {
  get: `select ${columns} from "sorcha"."entity_part" where "id" = $1`,
  find: `select ${columns} from "sorcha"."entity_part" where "size" = $1 order by "id"`,
  add: `insert into "sorcha"."entity_part" (${columns}) values ($1, $2, $3, $4, $5, $6, $7, 1)`,
  update:
    'update "sorcha"."entity_part" set "name" = $3, "size" = $4, "weight" = $5, "spare" = $6, "made" = $7, "details" = $8, ' +
    '"version" = "version" + 1 where "id" = $1 and "version" = $2',
};
const run = async (name: keyof typeof statements, values: unknown[]) =>
  pool.query({ name, text: statements[name], values });

const table = pgSchema('sorcha').table('entity_part', {
  id: text().primaryKey(),
  name: text().notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  weight: doublePrecision().notNull(),
  spare: boolean().notNull(),
  made: timestamp({ withTimezone: true, mode: 'date' }).notNull(),
  details: jsonb().notNull(),
  version: bigint({ mode: 'number' }).notNull(),
});
const drizzlePool = new Pool({ connectionString: url, max: CONNECTIONS });
const db = drizzle(drizzlePool);
const drizzleGet = db
  .select()
  .from(table)
  .where(eq(table.id, sql.placeholder('id')))
  .prepare('drizzle_get');
const drizzleFind = db
  .select()
  .from(table)
  .where(eq(table.size, sql.placeholder('size')))
  .orderBy(asc(table.id))
  .prepare('drizzle_find');

const PartSchema = defineMikroEntity({
  name: 'Part',
  tableName: 'entity_part',
  schema: 'sorcha',
  properties: {
    id: p.text().primary(),
    name: p.text(),
    size: p.bigint('number'),
    weight: p.double(),
    spare: p.boolean(),
    made: p.datetime(),
    details: p.json(),
    version: p.integer().version(),
  },
});
const orm = await MikroORM.init({ clientUrl: url, entities: [PartSchema], pool: { max: CONNECTIONS }, debug: false });

let added = 0;
const nextId = () => `new-${(added += 1)}`;
const held = new Map<string, Stored<Part>>((await ours.find({})).map((one) => [one.id, one]));
const versions = new Map<string, number>();
const idOf = (index: number) => `p${index % ROWS}`;
/** Each contender changes rows of its own. */
const ownId = (contender: number, index: number) => `p${(index % (ROWS / 4)) * 4 + contender}`;

/** What each of the contenders does in one step of a benchmark. */
interface Step {
  readonly ours: (index: number) => Promise<unknown>;
  readonly 'bare pg, prepared': (index: number) => Promise<unknown>;
  readonly Drizzle: (index: number) => Promise<unknown>;
  readonly MikroORM: (index: number) => Promise<unknown>;
}

const steps: Readonly<Record<string, Step>> = {
  'gets by key': {
    ours: async (index) => ours.get(idOf(index)),
    'bare pg, prepared': async (index) => run('get', [idOf(index)]),
    Drizzle: async (index) => drizzleGet.execute({ id: idOf(index) }),
    MikroORM: async (index) => orm.em.fork().findOne(PartSchema, { id: idOf(index) }),
  },
  [`searches for ${ROWS / GROUPS} of ${ROWS}`]: {
    ours: async (index) => ours.find({ size: index % GROUPS }),
    'bare pg, prepared': async (index) => run('find', [index % GROUPS]),
    Drizzle: async (index) => drizzleFind.execute({ size: index % GROUPS }),
    MikroORM: async (index) => orm.em.fork().find(PartSchema, { size: index % GROUPS }, { orderBy: { id: 'asc' } }),
  },
  additions: {
    ours: async (index) => ours.add(createPart(nextId(), index + GROUPS)),
    'bare pg, prepared': async (index) => run('add', Object.values(createPart(nextId(), index))),
    Drizzle: async (index) => db.insert(table).values({ ...createPart(nextId(), index), version: 1 }),
    MikroORM: async (index) => {
      const em = orm.em.fork();
      em.create(PartSchema, createPart(nextId(), index));
      await em.flush();
    },
  },
  'updates at a version': {
    ours: async (index) => {
      const id = ownId(0, index);
      const one = held.get(id);
      if (one !== undefined) {
        held.set(id, await ours.update({ ...one, name: `${index}` }));
      }
    },
    'bare pg, prepared': async (index) => {
      const id = ownId(1, index);
      const version = versions.get(id) ?? 1;
      versions.set(id, version + 1);
      const { id: _, ...rest } = createPart(id, index);
      return run('update', [id, version, ...Object.values(rest)]);
    },
    Drizzle: async (index) => {
      const id = ownId(2, index);
      const version = versions.get(id) ?? 1;
      versions.set(id, version + 1);
      const { id: _, ...rest } = createPart(id, index);
      return db
        .update(table)
        .set({ ...rest, version: version + 1 })
        .where(and(eq(table.id, id), eq(table.version, version)));
    },
    MikroORM: async (index) => {
      const em = orm.em.fork();
      const one = await em.findOne(PartSchema, { id: ownId(3, index) });
      if (one !== null) {
        one.name = `${index} ${Math.random()}`;
        await em.flush();
      }
    },
  },
};

/** Does the work in so many loops at once. */
function inParallel(name: string, loops: number, work: (index: number) => Promise<unknown>): Contender {
  return {
    name,
    run: async () => {
      let next = 0;
      const loop = async () => {
        while (next < OPERATIONS) {
          await work(next++);
        }
      };
      await Promise.all(Array.from({ length: loops }, loop));
    },
  };
}

for (const [what, step] of Object.entries(steps)) {
  for (const peer of ['bare pg, prepared', 'Drizzle', 'MikroORM'] as const) {
    for (const loops of [1, 8]) {
      const ratio = await measureRatio(
        inParallel('ours', loops, step.ours),
        inParallel(peer, loops, step[peer]),
        peer === 'MikroORM' ? 31 : ROUNDS,
      );
      printRatio(`times as many ${what}, ${loops} at once, as ${peer}`, ratio);
    }
  }
}

await Promise.all([store.close(), pool.end(), drizzlePool.end(), orm.close()]);
for (const end of ends) {
  await end();
}
