import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** Two users of one database: who owns write-once tables, and who uses them. */
export interface WormRoles {
  /** The url of the owner. */
  readonly owner: string;
  /** The url of the user. */
  readonly service: string;
  readonly serviceRole: string;
}

/** Creates an owner and a user in a database of tests. @param url of a superuser. */
export async function createWormRoles(url: string): Promise<WormRoles> {
  const suffix = randomUUID().slice(0, 8);
  const [owner, service] = [`owner_${suffix}`, `service_${suffix}`];
  const password = randomUUID();
  const target = new URL(url);
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(`create role ${owner} login password '${password}'`);
    await client.query(`create role ${service} login password '${password}'`);
    await client.query(`grant create on database "${target.pathname.slice(1)}" to ${owner}`);
  } finally {
    await client.end();
  }
  const urlOf = (role: string) => {
    const own = new URL(url);
    own.username = role;
    own.password = password;
    return own.href;
  };
  return { owner: urlOf(owner), service: urlOf(service), serviceRole: service };
}
