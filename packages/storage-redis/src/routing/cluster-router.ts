import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '@sorcha/storage';
import { checkMode } from '../connection/greeting.ts';
import { createLink, type Link, type LinkOptions, type SendOptions } from '../connection/link.ts';
import { type Command, openSession } from '../connection/open-session.ts';
import { readReplyCode } from '../connection/to-storage-error.ts';
import { addressOf, type Endpoint } from '../endpoint.ts';
import { findRedirect, type Redirect } from './find-redirect.ts';
import type { Router } from './router.ts';
import { SLOT_COUNT, slotOfKey } from './slot-of-key.ts';
import { parseSlotRanges, type SlotRange } from './slot-ranges.ts';

/** How many redirections one call follows. */
const MAX_REDIRECTS = 5;
/** How long to wait before asking again while a server is away or slots are without one, in milliseconds. */
const REFRESH_MS = 400;
/** How many names are tried to find a key on a given server. */
const MAX_KEY_TRIES = 2_000;

/** What {@link openClusterRouter} needs. */
export interface ClusterOptions {
  /** Some servers of the cluster; those that it names are signed in to like the first. */
  readonly seeds: readonly [Endpoint, ...Endpoint[]];
  readonly link: Omit<LinkOptions, 'endpoint'>;
  /** The time that asking a server that is not connected yet may take, in milliseconds. */
  readonly connectTimeoutMs: number;
}

/**
 * Learns which server has which slots and connects to all of them. The map is asked for again when a server redirects, is
 * lost or names no server for a slot. `UNAVAILABLE` when no seed answers with a map.
 */
export async function openClusterRouter(options: ClusterOptions): Promise<Router> {
  const router = new ClusterRouter(options);
  try {
    await router.start();
  } catch (error) {
    await router.close();
    throw error;
  }
  return router;
}

class ClusterRouter implements Router {
  readonly isCluster = true;
  readonly #options: ClusterOptions;
  readonly #slots: (Link | undefined)[] = Array.from({ length: SLOT_COUNT });
  readonly #links = new Map<string, Link>();
  #uncovered = SLOT_COUNT;
  #refreshing: Promise<void> | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get isComplete(): boolean {
    return this.#uncovered === 0;
  }

  async start(): Promise<void> {
    const { seeds } = this.#options;
    const problems: unknown[] = [];
    for (const seed of seeds) {
      try {
        this.#apply(await this.#askSeed(seed));
        await Promise.all(this.masters().map(async (link) => link.started()));
        this.#requireOne();
        return;
      } catch (error) {
        problems.push(error);
      }
    }
    throw problems[0];
  }

  #requireOne(): void {
    const masters = this.masters();
    if (!masters.some((link) => link.status === 'up')) {
      const names = masters.map((link) => link.address).join(', ');
      throw new StorageError('UNAVAILABLE', `No server of the cluster that has keys can be used: ${names}.`);
    }
  }

  masters(): readonly Link[] {
    return [...this.#links.values()];
  }

  keyOn(link: Link, start: string): string | undefined {
    for (let tries = 0; tries < MAX_KEY_TRIES; tries += 1) {
      const key = `${start}${tries}`;
      if (this.#slots[slotOfKey(key)] === link) {
        return key;
      }
    }
    return undefined;
  }

  async send(storedKey: string, command: Command, options: SendOptions): Promise<unknown> {
    const startedAt = performance.now();
    const slot = slotOfKey(storedKey);
    const link = this.#slots[slot];
    if (link === undefined) {
      this.#refreshSoon();
      throw new StorageError('UNAVAILABLE', `No server of the cluster has slot ${slot} now; look at CLUSTER SLOTS.`);
    }
    try {
      if (link.status === 'starting') {
        return await this.#sendWhenUp(link, [command], options, startedAt);
      }
      return await link.send(command, options);
    } catch (error) {
      return this.#follow(error, command, options, startedAt);
    }
  }

  async refresh(): Promise<void> {
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#refreshTimer);
    await Promise.all(this.masters().map(async (link) => link.close()));
  }

  async #follow(first: unknown, command: Command, options: SendOptions, startedAt: number): Promise<unknown> {
    let error = first;
    for (let hop = 0; hop < MAX_REDIRECTS; hop += 1) {
      const redirect = findRedirect(error);
      if (redirect === undefined) {
        break;
      }
      try {
        const link = this.#linkOf(redirect);
        const commands = redirect.kind === 'ASK' ? [['ASKING'], command] : [command];
        return await this.#sendWhenUp(link, commands, options, startedAt);
      } catch (next) {
        error = next;
      }
    }
    if (error instanceof StorageError && readReplyCode(error.cause) === 'CLUSTERDOWN') {
      this.#refreshSoon();
    }
    throw error;
  }

  /** Sends commands one right after the other within what is left of the deadline; gives the reply to the last. */
  async #sendWhenUp(
    link: Link,
    commands: readonly Command[],
    options: SendOptions,
    startedAt: number,
  ): Promise<unknown> {
    const leftMs = Math.max(1, Math.ceil(this.#options.link.deadlineMs - (performance.now() - startedAt)));
    const timer = AbortSignal.timeout(leftMs);
    if (link.status === 'starting') {
      await Promise.race([link.started(), sleep(leftMs, undefined, { ref: false })]);
    }
    const signal = options.signal === undefined ? timer : AbortSignal.any([timer, options.signal]);
    const replies = await Promise.all(commands.map(async (each) => link.send(each, { ...options, signal })));
    return replies.at(-1);
  }

  #linkOf({ kind, slot, host, port }: Redirect): Link {
    const known = this.#slots[slot];
    const link = this.#linkTo(host === '' ? (known?.host ?? '') : host, port);
    if (kind === 'MOVED') {
      this.#assign(slot, link);
      this.#refreshSoon(0);
    }
    return link;
  }

  #linkTo(host: string, port: number): Link {
    const address = addressOf({ host, port });
    const known = this.#links.get(address);
    if (known !== undefined) {
      return known;
    }
    const [like] = this.#options.seeds;
    const { onStatus } = this.#options.link;
    const link = createLink({
      ...this.#options.link,
      endpoint: { ...like, host, port },
      onStatus: () => {
        if (link.status !== 'up' && this.#links.get(address) === link) {
          this.#refreshSoon();
        }
        onStatus();
      },
    });
    this.#links.set(address, link);
    return link;
  }

  #assign(slot: number, link: Link | undefined): void {
    this.#uncovered += Number(link === undefined) - Number(this.#slots[slot] === undefined);
    this.#slots[slot] = link;
  }

  #apply(ranges: readonly SlotRange[]): void {
    const owners: (Link | undefined)[] = Array.from({ length: SLOT_COUNT });
    for (const { from, to, host, port } of ranges) {
      owners.fill(this.#linkTo(host, port), from, to + 1);
    }
    for (const [slot, owner] of owners.entries()) {
      this.#assign(slot, owner);
    }
    const used = new Set(owners);
    for (const [address, link] of this.#links) {
      if (!used.has(link)) {
        this.#links.delete(address);
        void link.close();
      }
    }
    this.#options.link.onStatus();
  }

  #refreshSoon(afterMs: number = REFRESH_MS): void {
    if (this.#refreshTimer !== undefined || this.#isClosed) {
      return;
    }
    const jittered = afterMs * (0.5 + Math.random());
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.refresh().finally(() => {
        if (this.#uncovered > 0 || this.masters().some((link) => link.status !== 'up')) {
          this.#refreshSoon();
        }
      });
    }, jittered).unref();
  }

  /** Asks the servers that are there one after the other, then the seeds; leaves all as it is when none answers. */
  async #ask(): Promise<void> {
    const up = this.masters().filter((link) => link.status === 'up');
    // Not always the same one first: it may be the one that has not heard the news.
    const turn = Math.floor(Math.random() * up.length);
    const sources = [
      ...[...up.slice(turn), ...up.slice(0, turn)].map((link) => async () => this.#askLink(link)),
      ...this.#options.seeds.map((seed) => async () => this.#askSeed(seed)),
    ];
    for (const source of sources) {
      try {
        const ranges = await source();
        if (!this.#isClosed) {
          this.#apply(ranges);
        }
        return;
      } catch {
        // The next one may know.
      }
    }
  }

  async #askLink(link: Link): Promise<readonly SlotRange[]> {
    return toRanges(await link.send(['CLUSTER', 'SLOTS'], { isWrite: false }), link.host);
  }

  async #askSeed(endpoint: Endpoint): Promise<readonly SlotRange[]> {
    const { connectTimeoutMs } = this.#options;
    const session = await openSession({
      endpoint,
      timeoutMs: connectTimeoutMs,
      settleMs: 0,
      onChange: () => undefined,
    });
    try {
      const address = addressOf(endpoint);
      checkMode(session.greeting, 'cluster', address);
      const lost = session.lost.then(() => Promise.reject(new StorageError('UNAVAILABLE', `${address} hung up.`)));
      const late = sleep(connectTimeoutMs, undefined, { ref: false }).then(() =>
        Promise.reject(new StorageError('UNAVAILABLE', `${address} did not answer.`)),
      );
      lost.catch(() => undefined);
      late.catch(() => undefined);
      return toRanges(await Promise.race([session.send(['CLUSTER', 'SLOTS']), lost, late]), endpoint.host);
    } finally {
      session.destroy();
    }
  }
}

function toRanges(reply: unknown, asked: string): readonly SlotRange[] {
  const ranges = parseSlotRanges(reply, asked);
  if (ranges === undefined || ranges.length === 0) {
    throw new StorageError(
      'UNAVAILABLE',
      `The server at ${asked} knows no slots of its cluster; look at CLUSTER SLOTS.`,
    );
  }
  return ranges;
}
