import { StorageError } from '@sorcha/storage';
import { z } from 'zod';
import type { MongoDatabase } from './mongo-database.ts';

/** The wire version of MongoDB 6.0. */
const OLDEST_WIRE_VERSION = 17;

const greetingSchema = z.looseObject({
  maxWireVersion: z.number(),
  /** The name of the replica set. */
  setName: z.string().optional(),
  /** `isdbgrid` for a router of a sharded cluster. */
  msg: z.string().optional(),
});

/**
 * Makes sure that the server is one whose promises the stores pass on: MongoDB 6 or later with transactions, which takes a replica
 * set (of one member, if need be) or a sharded cluster. `INCOMPATIBLE_SERVER`.
 */
export async function proveServer(database: MongoDatabase): Promise<void> {
  const reply: unknown = await database.read(async (options) => database.db.command({ hello: 1 }, options));
  checkGreeting(reply, database.place);
}

/** Checks what the server says of itself. */
export function checkGreeting(reply: unknown, place: string): void {
  const { maxWireVersion, setName, msg } = greetingSchema.parse(reply);
  if (maxWireVersion < OLDEST_WIRE_VERSION) {
    const found = `wire version ${maxWireVersion}, ${OLDEST_WIRE_VERSION} is needed`;
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The server of ${place} is too old (${found}); use MongoDB 6 or later.`,
    );
  }
  if (setName === undefined && msg !== 'isdbgrid') {
    const advice = 'start it with --replSet and run rs.initiate() once; one member is enough';
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The server of ${place} belongs to no replica set, so it has no transactions: ${advice}.`,
    );
  }
}
