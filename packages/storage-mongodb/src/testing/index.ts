export { createMongoUser, type MongoTestUser } from './create-mongo-user.ts';
export { type MongoRecordDamage, openMongoRecordDamage } from './open-mongo-record-damage.ts';
