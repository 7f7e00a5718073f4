import { isJsonObject, type JsonObject, type JsonValue } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { parseJsonArgument } from './parse-json-argument.ts';

/** What a user says about one transaction; the wallet adds the sender and the clock the time. */
export interface Draft {
  readonly payloads: readonly JsonValue[];
  readonly metadata: JsonObject;
  readonly recipients: readonly string[];
}

const MEMBERS = ['payloads', 'metadata', 'recipients'];

/** Parses a JSON array of `{ payloads, metadata?, recipients? }`. `INVALID_INPUT` names what is wrong, counted from 1. */
export function parseDrafts(text: string, name: string): Draft[] {
  const value = parseJsonArgument(text, name);
  if (!Array.isArray(value) || value.length === 0) {
    throw refused(name, 'must be a JSON array with at least one { payloads, metadata?, recipients? }');
  }
  return value.map((draft: JsonValue, index) => toDraft(draft, `transaction ${index + 1} of ${name}`));
}

/** Checks that metadata is a JSON object. */
export function requireMetadata(value: JsonValue, what: string): JsonObject {
  if (!isJsonObject(value)) {
    throw refused(what, 'must be a JSON object');
  }
  return value;
}

function toDraft(value: JsonValue, place: string): Draft {
  if (!isJsonObject(value)) {
    throw refused(place, 'must be a JSON object { payloads, metadata?, recipients? }');
  }
  const unknown = Object.keys(value).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) {
    throw refused(place, `has the unknown member ${JSON.stringify(unknown)}; it may have ${MEMBERS.join(', ')}`);
  }
  const { payloads, metadata = {}, recipients = [] } = value;
  if (!Array.isArray(payloads)) {
    throw refused(`the payloads of ${place}`, 'must be a JSON array');
  }
  if (!Array.isArray(recipients) || !recipients.every((recipient) => typeof recipient === 'string')) {
    throw refused(`the recipients of ${place}`, 'must be a JSON array of addresses');
  }
  return { payloads, metadata: requireMetadata(metadata, `the metadata of ${place}`), recipients };
}

const refused = (what: string, problem: string) =>
  new CliError('INVALID_INPUT', `${what.charAt(0).toUpperCase()}${what.slice(1)} ${problem}.`);
