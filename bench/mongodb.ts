/**
 * Claims: documents on MongoDB cost hardly more than the bare driver with the same guarantees (0.95 or more), although they are
 * checked, versioned and have a deadline; and they are 1.5 times as fast as Mongoose, which checks documents too.
 *
 * The guarantees: writes on a majority and in the journal, reads of what a majority has, searches of one snapshot (Mongoose
 * has no such reads here). How far the peers differ depends on how fast the server is: what it takes is the same for all, so the last
 * line of each step says where the time goes.
 */
import { defineDocument, type Stored } from '@sorcha/storage';
import { openMongoDocumentStore } from '@sorcha/storage-mongodb';
import { startMongo } from '@sorcha/test-servers';
import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { z } from 'zod';
import { type Contender, measureRatio, printRatio } from './measure-ratio.ts';

const DOCUMENTS = 1_000;
/** Short rounds and many: what else the machine does falls on both sides of a round. */
const OPERATIONS = 32;
const ROUNDS = 61;
const STATUSES = 50;

const order = defineDocument({
  name: 'order',
  key: 'id',
  schema: z.object({
    id: z.string(),
    status: z.string(),
    owner: z.object({ name: z.string(), country: z.string() }),
    lines: z.array(z.object({ sku: z.string(), count: z.int(), price: z.number() })),
    note: z.string(),
  }),
  indexes: ['status'],
});
type Order = ReturnType<typeof order.parse>;

const createOrder = (id: string, index: number): Order => ({
  id,
  status: `s${index % STATUSES}`,
  owner: { name: 'Someone Somewhere', country: ['DE', 'FR', 'IE'][index % 3] ?? 'DE' },
  lines: Array.from({ length: 5 }, (_, line) => ({ sku: `sku-${line}`, count: line, price: line + 0.99 })),
  note: 'x'.repeat(200),
});

const ends: (() => Promise<void>)[] = [];
const server = await startMongo({ onEnd: (end) => ends.push(end) });
const guarantees = {
  maxPoolSize: 10,
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
} as const;
const orders = Array.from({ length: DOCUMENTS }, (_, index) => createOrder(`o${index}`, index));

const store = await openMongoDocumentStore({ url: await server.createDatabase(), definition: order });
await store.insertMany(orders);

const client = await new MongoClient(await server.createDatabase(), guarantees).connect();
const bare = client.db().collection<Order & { readonly _id: string; readonly version: number }>('orders');
await bare.createIndex({ status: 1 });
await bare.insertMany(orders.map((one) => Object.assign({ _id: one.id, version: 1 }, one)));

const connection = await mongoose.createConnection(await server.createDatabase(), guarantees).asPromise();
const schema = new mongoose.Schema(
  {
    _id: { type: String, required: true },
    id: { type: String, required: true },
    status: { type: String, required: true, index: true },
    owner: { name: { type: String, required: true }, country: { type: String, required: true } },
    lines: [{ _id: false, sku: { type: String, required: true }, count: Number, price: Number }],
    note: { type: String, required: true },
  },
  { id: false, optimisticConcurrency: true, versionKey: 'version' },
);
const Model = connection.model('Order', schema);
await Model.init();
await Model.insertMany(orders.map((one) => Object.assign({ _id: one.id }, one)));

/** What each of the three does in one step of a benchmark. */
interface Step {
  readonly ours: (index: number) => Promise<unknown>;
  readonly 'the bare driver': (index: number) => Promise<unknown>;
  readonly Mongoose: (index: number) => Promise<unknown>;
}

const idOf = (index: number) => `o${index % DOCUMENTS}`;
let inserted = 0;
const nextId = () => `new-${(inserted += 1)}`;
const held: Stored<Order>[] = await store.find({});
const versions = new Map(orders.map(({ id }) => [id, 1]));
const kept = new Map((await Model.find()).map((one) => [one.id, one]));

const steps: Readonly<Record<string, Step>> = {
  'gets by key': {
    ours: async (index) => store.get(idOf(index)),
    'the bare driver': async (index) => bare.findOne({ _id: idOf(index) }),
    Mongoose: async (index) => Model.findById(idOf(index)),
  },
  [`searches for ${DOCUMENTS / STATUSES} of ${DOCUMENTS}`]: {
    ours: async (index) => store.find({ status: `s${index % STATUSES}` }),
    'the bare driver': async (index) =>
      bare
        .find({ status: `s${index % STATUSES}` }, { readConcern: { level: 'snapshot' } })
        .sort({ _id: 1 })
        .toArray(),
    Mongoose: async (index) => Model.find({ status: `s${index % STATUSES}` }).sort({ _id: 1 }),
  },
  inserts: {
    ours: async (index) => store.insert(createOrder(nextId(), index)),
    'the bare driver': async (index) => {
      const id = nextId();
      return bare.insertOne({ _id: id, version: 1, ...createOrder(id, index) });
    },
    Mongoose: async (index) => {
      const id = nextId();
      return Model.create({ _id: id, ...createOrder(id, index) });
    },
  },
  'replacements at a version': {
    ours: async (index) => {
      const at = index % DOCUMENTS;
      const one = held[at];
      if (one !== undefined) {
        held[at] = await store.replace({ ...one, note: `${index}` });
      }
    },
    'the bare driver': async (index) => {
      const id = idOf(index);
      const version = versions.get(id) ?? 1;
      versions.set(id, version + 1);
      const next = { version: version + 1, ...createOrder(id, index), note: `${index}` };
      return bare.replaceOne({ _id: id, version }, next);
    },
    Mongoose: async (index) => {
      const one = kept.get(idOf(index));
      one?.set('note', `${index} ${Math.random()}`);
      return one?.save();
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

/** Where the time of a call goes: the part that this process computes, in microseconds, against the part in which it waits. */
async function measureOwnTime(work: (index: number) => Promise<unknown>): Promise<{ own: number; waited: number }> {
  const contender = inParallel('alone', 1, work);
  await contender.run();
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
  for (let round = 0; round < ROUNDS; round += 1) {
    await contender.run();
  }
  const { user, system } = process.cpuUsage(cpu);
  const calls = ROUNDS * OPERATIONS;
  const own = (user + system) / calls;
  return { own, waited: ((performance.now() - startedAt) * 1_000) / calls - own };
}

for (const [what, step] of Object.entries(steps)) {
  for (const peer of ['the bare driver', 'Mongoose'] as const) {
    for (const loops of [1, 8]) {
      const ratio = await measureRatio(
        inParallel('ours', loops, step.ours),
        inParallel(peer, loops, step[peer]),
        ROUNDS,
      );
      printRatio(`times as many ${what}, ${loops} at once, as ${peer}`, ratio);
    }
  }
  const bareTime = await measureOwnTime(step['the bare driver']);
  const [ours, peer] = [await measureOwnTime(step.ours), await measureOwnTime(step.Mongoose)];
  const inBare = (time: number) => (time / (bareTime.own + bareTime.waited)).toFixed(2);
  console.log(
    `          of a call of the bare driver (1.00): waiting for the server ${inBare(bareTime.waited)}, the driver ${inBare(bareTime.own)}; ` +
      `computing takes ours ${inBare(ours.own)}, Mongoose ${inBare(peer.own)}`,
  );
}

await store.close();
await client.close();
await connection.close();
for (const end of ends) {
  await end();
}
