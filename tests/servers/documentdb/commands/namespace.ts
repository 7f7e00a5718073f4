import type { Need } from '../auth/privilege.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { CommandRequest } from './command.ts';

/** The collection that a command names as the value of its first field. Fails with InvalidNamespace. */
export function collectionOf(request: CommandRequest): string {
  const name = request.body.getString(request.name);
  if (name === undefined || name === '') {
    throw new CommandError(ERROR.invalidNamespace, `${request.name} names no collection`);
  }
  return name;
}

/** The right to do something with the collection that a command names. */
export function onCollection(request: CommandRequest, ...anyOf: readonly string[]): Need {
  return { anyOf, on: { database: request.database, collection: collectionOf(request) } };
}

/** The right to do something with the database of a command as a whole. */
export function onDatabase(request: CommandRequest, ...anyOf: readonly string[]): Need {
  return { anyOf, on: { database: request.database, collection: '' } };
}

/** The right to do something with the server. */
export function onCluster(...anyOf: readonly string[]): Need {
  return { anyOf, on: 'cluster' };
}
