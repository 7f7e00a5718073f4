/** What a privilege is about, as MongoDB writes it; an empty text stands for all. */
export type Resource =
  | { readonly db: string; readonly collection: string }
  | { readonly cluster: true }
  | { readonly anyResource: true };

/** What may be done with a resource. */
export interface Privilege {
  readonly resource: Resource;
  readonly actions: readonly string[];
}

/** What a command must be allowed to do: any of the actions, on a collection, a database (no collection) or the server. */
export interface Need {
  readonly anyOf: readonly string[];
  readonly on: { readonly database: string; readonly collection: string } | 'cluster';
}

/** Whether one of the privileges covers the need. */
export function isGranted(privileges: readonly Privilege[], need: Need): boolean {
  return privileges.some(
    ({ resource, actions }) =>
      covers(resource, need.on) &&
      need.anyOf.some((action) => actions.includes(action) || actions.includes('anyAction')),
  );
}

function covers(resource: Resource, on: Need['on']): boolean {
  if ('anyResource' in resource) {
    return true;
  }
  if ('cluster' in resource || on === 'cluster') {
    return 'cluster' in resource && on === 'cluster';
  }
  const isCollectionCovered =
    resource.collection === on.collection || (resource.collection === '' && !on.collection.startsWith('system.'));
  return (resource.db === '' || resource.db === on.database) && isCollectionCovered;
}
