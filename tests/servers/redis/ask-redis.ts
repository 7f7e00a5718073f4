import { connect } from 'node:net';

/** Where to ask. */
export interface RedisAddress {
  readonly port: number;
  readonly password?: string | undefined;
}

const ANSWER_WITHIN_MS = 5_000;

/**
 * Sends one command on a connection of its own and returns the text of the answer; fails when the answer is an error.
 *
 * The tests of the real client must not rest on that client, and the little that is asked here has no lists in its answers.
 */
export async function askRedis(address: RedisAddress, ...command: readonly string[]): Promise<string> {
  const { port, password } = address;
  const commands = password === undefined ? [command] : [['AUTH', password], command];
  const replies = await exchange(port, commands.map(toRequest).join(''), commands.length);
  return replies.at(-1) ?? '';
}

function toRequest(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

function exchange(port: number, request: string, replyCount: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const fail = (message: string) => socket.destroy(new Error(`Redis on port ${port}: ${message}`));
    socket.setTimeout(ANSWER_WITHIN_MS, () => fail(`no answer within ${ANSWER_WITHIN_MS} ms`));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      const replies = parseReplies(received);
      const refusal = replies.find((reply) => reply.startsWith('-'));
      if (refusal !== undefined) {
        fail(refusal.slice(1));
      } else if (replies.length === replyCount) {
        resolve(replies.map((reply) => reply.slice(1)));
        socket.destroy();
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`Redis on port ${port} closed the connection`)));
    socket.write(request);
  });
}

/** Splits what has arrived into whole replies, each with its type in front. */
function parseReplies(text: string): string[] {
  const replies: string[] = [];
  let rest = text;
  for (;;) {
    const [line, head = ''] = /^(.*)\r\n/.exec(rest) ?? [];
    if (line === undefined) {
      return replies;
    }
    if (!head.startsWith('$') || head === '$-1') {
      replies.push(head);
      rest = rest.slice(line.length);
      continue;
    }
    const end = line.length + Number(head.slice(1));
    if (rest.length < end + 2) {
      return replies;
    }
    replies.push(`$${rest.slice(line.length, end)}`);
    rest = rest.slice(end + 2);
  }
}
