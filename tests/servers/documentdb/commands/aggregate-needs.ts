import type { Need } from '../auth/privilege.ts';
import { isPlainDocument } from '../bson/bson-document.ts';
import type { CommandRequest } from './command.ts';

/** A pipeline reads its collection and those that it joins, and writes where `$out` and `$merge` say. */
export function aggregateNeeds(request: CommandRequest): Need[] {
  const pipeline = request.body.getArray('pipeline') ?? [];
  const collection = request.body.getString('aggregate');
  const own: Need[] = [{ anyOf: ['find'], on: { database: request.database, collection: collection ?? '' } }];
  return [...own, ...stagesNeeds(pipeline, request)];
}

function stagesNeeds(pipeline: readonly unknown[], request: CommandRequest): Need[] {
  return pipeline.flatMap((stage) =>
    isPlainDocument(stage) ? Object.entries(stage).flatMap(([name, value]) => stageNeeds(name, value, request)) : [],
  );
}

function stageNeeds(stage: string, value: unknown, request: CommandRequest): Need[] {
  const need = (target: unknown, ...actions: readonly string[]): Need[] => {
    const { db, coll } = isPlainDocument(target) ? target : { db: undefined, coll: target };
    const database = typeof db === 'string' ? db : request.database;
    const on = { database, collection: typeof coll === 'string' ? coll : '' };
    return actions.map((action) => ({ anyOf: [action], on }));
  };
  const field = (name: string) => (isPlainDocument(value) ? value[name] : undefined);
  const nested = (pipeline: unknown) => (Array.isArray(pipeline) ? stagesNeeds(pipeline, request) : []);
  const bypass = request.body.isSet('bypassDocumentValidation') ? ['bypassDocumentValidation'] : [];
  switch (stage) {
    case '$lookup':
    case '$graphLookup':
      return [...(field('from') === undefined ? [] : need(field('from'), 'find')), ...nested(field('pipeline'))];
    case '$unionWith':
      return [...need(isPlainDocument(value) ? field('coll') : value, 'find'), ...nested(field('pipeline'))];
    case '$facet':
      return isPlainDocument(value) ? Object.values(value).flatMap(nested) : [];
    case '$out':
      return need(value, 'insert', 'remove', ...bypass);
    case '$merge':
      return need(isPlainDocument(value) ? field('into') : value, 'insert', 'update', ...bypass);
    default:
      return [];
  }
}
