import { packSqlState } from '../errors/engine-error-code.ts';
import { SQL_STATE } from '../errors/to-command-error.ts';
import type { EngineConnection } from './engine-connection.ts';

const CONFLICTS = [SQL_STATE.serializationFailure, SQL_STATE.deadlock, SQL_STATE.lockNotAvailable];

/**
 * What the bridge itself keeps, in the same database, so that it is as durable as the documents.
 *
 * `whole` makes a conflict, which the engine reports as error of one of several documents, that of the whole statement, so
 * that it can run again: MongoDB does so, too.
 *
 * `sessions` holds, per session of a driver, the number of its last write or committed transaction and the reply to it:
 * a repeated write or commit is answered from there, also after a crash. `accounts` holds users and roles.
 */
const SCHEMA = `
CREATE EXTENSION IF NOT EXISTS documentdb CASCADE;
CREATE SCHEMA IF NOT EXISTS bridge;
CREATE TABLE IF NOT EXISTS bridge.sessions (session bytea PRIMARY KEY, txn_number bigint NOT NULL, reply bytea);
CREATE TABLE IF NOT EXISTS bridge.accounts (
  kind text NOT NULL, database text NOT NULL, name text NOT NULL, account jsonb NOT NULL,
  PRIMARY KEY (kind, database, name)
);
CREATE OR REPLACE FUNCTION bridge.whole(p_reply bytea, p_success boolean) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
  IF NOT p_success AND (${CONFLICTS.map((state) => `position(${codeField(state)} IN p_reply) > 0`).join(' OR ')}) THEN
    RAISE EXCEPTION 'conflict with another transaction' USING ERRCODE = '40001';
  END IF;
  RETURN p_reply;
END $$;
CREATE OR REPLACE FUNCTION bridge.write_once(
  p_session bytea, p_txn_number bigint, p_kind text, p_database text, p_spec bytea, p_documents bytea
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
  last bridge.sessions;
  result bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_session, 'hex'), 0));
  SELECT * INTO last FROM bridge.sessions WHERE session = p_session;
  IF last.txn_number > p_txn_number THEN
    RAISE EXCEPTION 'session has moved on to transaction %', last.txn_number USING ERRCODE = 'SB225';
  ELSIF last.txn_number = p_txn_number THEN
    RETURN last.reply;
  END IF;
  CASE p_kind
    WHEN 'insert' THEN
      SELECT bridge.whole(p_result::bytea, p_success) INTO result FROM documentdb_api.insert(
        p_database, p_spec::documentdb_core.bson, p_documents::documentdb_core.bsonsequence, NULL);
    WHEN 'update' THEN
      SELECT bridge.whole(p_result::bytea, p_success) INTO result FROM documentdb_api.update(
        p_database, p_spec::documentdb_core.bson, p_documents::documentdb_core.bsonsequence, NULL);
    WHEN 'delete' THEN
      SELECT bridge.whole(p_result::bytea, p_success) INTO result FROM documentdb_api.delete(
        p_database, p_spec::documentdb_core.bson, p_documents::documentdb_core.bsonsequence, NULL);
    WHEN 'findAndModify' THEN
      SELECT bridge.whole(p_result::bytea, p_success) INTO result FROM documentdb_api.find_and_modify(
        p_database, p_spec::documentdb_core.bson, NULL);
  END CASE;
  INSERT INTO bridge.sessions VALUES (p_session, p_txn_number, result)
    ON CONFLICT (session) DO UPDATE SET txn_number = excluded.txn_number, reply = excluded.reply;
  RETURN result;
END $$`;

/** The bytes of the field `code` (a 32-bit integer) of a write error. */
function codeField(sqlState: string): string {
  const field = Buffer.from('\x10code\0\0\0\0\0', 'latin1');
  field.writeInt32LE(packSqlState(sqlState), field.length - 4);
  return `'\\x${field.toString('hex')}'::bytea`;
}

/** Indexes are built when they are asked for: the jobs that look for some to build every two seconds find none. */
const SILENCE = `SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'documentdb_index_build_task%'`;

/** Makes the database what the bridge expects; changes nothing when it is so already. */
export async function prepareDatabase(connection: EngineConnection): Promise<void> {
  await connection.script(SCHEMA);
  await connection.script(SILENCE);
}
