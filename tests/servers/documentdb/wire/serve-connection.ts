import { on } from 'node:events';
import type { Socket } from 'node:net';
import { encodeDocument } from '../bson/encode-document.ts';
import { ClientState } from '../commands/client-state.ts';
import type { Bridge } from '../commands/command.ts';
import { runCommand } from '../commands/run-command.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { HEADER_BYTES, ProtocolError, parseMessage, writeReply } from './message.ts';
import { splitMessages } from './split-messages.ts';

/**
 * Answers the messages of one connection, one after the other, until it ends. A message that is none ends it; a broken
 * document in a message is answered with an error.
 */
export async function serveConnection(bridge: Bridge, socket: Socket, connectionId: number): Promise<void> {
  const ended = new AbortController();
  socket.once('close', () => ended.abort());
  const client = new ClientState(connectionId, bridge.accounts, ended.signal);
  let replyCount = 0;
  socket.setNoDelay(true);
  // Reading from it reports the same error.
  socket.on('error', () => undefined);
  try {
    for await (const bytes of splitMessages(readChunks(socket))) {
      const reply = await answer(bridge, client, bytes, ++replyCount);
      if (reply !== undefined && !socket.write(reply)) {
        await drained(socket);
      }
    }
  } catch (error) {
    if (error instanceof ProtocolError) {
      process.stderr.write(`Connection ${connectionId} closed: ${error.message}\n`);
    }
  } finally {
    socket.destroy();
  }
}

async function answer(bridge: Bridge, client: ClientState, bytes: Buffer, id: number): Promise<Buffer | undefined> {
  try {
    const request = parseMessage(bytes);
    const reply = await runCommand(bridge, client, request);
    return request.isSilent ? undefined : writeReply(request, id, reply);
  } catch (error) {
    if (error instanceof ProtocolError) {
      throw error;
    }
    const message = error instanceof Error ? error.message : String(error);
    const reply = encodeDocument(new CommandError(ERROR.invalidBson, message, { cause: error }).toReply());
    const isQuery = bytes.readInt32LE(HEADER_BYTES - 4) === 2004;
    return writeReply({ requestId: bytes.readInt32LE(4), isQuery }, id, reply);
  }
}

/** Reads on while a command runs, so that the end of the connection is noticed at once. */
async function* readChunks(socket: Socket): AsyncGenerator<Buffer> {
  const events = on(socket, 'data', { close: ['end', 'close'], highWaterMark: 64, lowWaterMark: 16 });
  for await (const [chunk] of events) {
    if (Buffer.isBuffer(chunk)) {
      yield chunk;
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}
