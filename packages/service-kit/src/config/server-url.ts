import { Secret } from './secret.ts';

/** Where a server is: an address that can be printed, and the password apart. */
export interface ServerUrl {
  /** The address without its password. */
  readonly shown: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/** Scheme, name and password, hosts (several with commas), and the rest, in which no `@` stands that could end a password. */
const ADDRESS = /^([a-z][a-z0-9+.-]*:)\/\/(?:([^/?#]*)@)?([^/?#@]+)([/?#][^@]*)?$/i;

/** Takes the password out of an address; `undefined` when the text is none with one of these schemes (`postgres:`). */
export function parseServerUrl(text: string, schemes: readonly string[]): ServerUrl | undefined {
  const [, scheme = '', user = '', hosts = '', rest = ''] = ADDRESS.exec(text) ?? [];
  const [name = '', ...words] = user.split(':');
  try {
    const username = decodeURIComponent(name);
    const password = decodeURIComponent(words.join(':'));
    if (!schemes.includes(scheme.toLowerCase())) {
      return undefined;
    }
    return {
      shown: `${scheme}//${name === '' ? '' : `${name}@`}${hosts}${rest}`,
      username: username === '' ? undefined : username,
      password: password === '' ? undefined : new Secret(password),
    };
  } catch {
    return undefined;
  }
}

/** The whole address, for the driver: with a password, if there is one. */
export function toConnectionText({ shown, password }: ServerUrl, override?: Secret): string {
  const secret = override ?? password;
  const [, scheme = '', name = '', hosts = '', rest = ''] = ADDRESS.exec(shown) ?? [];
  return secret === undefined ? shown : `${scheme}//${name}:${encodeURIComponent(secret.reveal())}@${hosts}${rest}`;
}
