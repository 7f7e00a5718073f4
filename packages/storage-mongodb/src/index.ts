export type { MongoEncryption, MongoOptions } from './connection/mongo-options.ts';
export { type MongoDocumentOptions, openMongoDocumentStore } from './documents/open-mongo-document-store.ts';
export { inspectMongo, type MongoFindings } from './inspect-mongo.ts';
export { MAX_RECORD_BYTES } from './worm/append-records.ts';
export { type MongoWormOptions, openMongoWormStore } from './worm/open-mongo-worm-store.ts';
export { type RolePrivilege, type WormRoleDefinition, wormRoleDefinition } from './worm/worm-role-definition.ts';
