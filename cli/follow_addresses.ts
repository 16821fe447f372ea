/** Follows the addresses of this machine and of its router, while the server runs. */
import { every } from "../beat/mod.ts";
import type { Config } from "../config/mod.ts";
import { addressesOf, movedLine, routerAnswer } from "../ops/mod.ts";
import { portsToForward, type Router, type RouterNews, startRouter } from "../router/mod.ts";
import { chooseExternalIps, type ExternalIps, type TurnHandle } from "../turn/mod.ts";

/** What listens, once it does. */
export type Running = Config & {
  readonly httpPort: number;
  readonly turnPort: number;
  readonly tlsPort: number | undefined;
};

export interface FollowOptions {
  readonly running: Running;
  readonly relay: Pick<TurnHandle, "move">;
  /** By which the router knows this server's mappings as its own. */
  readonly secret: string;
  /** Players are told another address than before. */
  readonly onMove: () => void;
}

/** What is followed; a test gives another world. */
export interface World {
  interfaces(): Deno.NetworkInterfaceInfo[];
  /** Answers the function that ends it. */
  every(ms: number, action: () => void): () => void;
  readonly startRouter: typeof startRouter;
  /** For the person at the terminal. */
  print(line: string): void;
}

/** Asking the runtime takes a quarter of a millisecond. */
const LOOK_MS = 5_000;

const REAL: World = {
  interfaces: () => Deno.networkInterfaces(),
  every,
  startRouter,
  print: (line) => console.log(line),
};

/**
 * Asks the router to forward what players need. The relay advertises the address that it tells, or
 * the best one of this machine, as it is by now.
 */
export class FollowedAddresses {
  readonly #options: FollowOptions;
  readonly #world: World;
  readonly #router: Router;
  readonly #stopLooking: () => void;
  #interfaces: Deno.NetworkInterfaceInfo[];
  /** What was seen last, where that is not yet what is gone by. */
  #unsettled: string | undefined;
  #advertised: readonly string[] = [];
  #news: RouterNews | undefined;

  constructor(options: FollowOptions, world = REAL) {
    [this.#options, this.#world] = [options, world];
    const { running, secret } = options;
    this.#interfaces = world.interfaces();
    this.#advertised = this.#choose().ips;
    const ports = portsToForward(running);
    const interfaces = () => this.#interfaces;
    this.#router = world.startRouter(
      { setting: running.router, ports, secret, interfaces },
      (news) => this.#hear(news),
    );
    this.#stopLooking = world.every(LOOK_MS, () => this.#look());
  }

  /** Whether this machine is where a router is asked. */
  get asks(): boolean {
    return this.#router.asks;
  }

  /** What the router said last, if it said anything yet. */
  get news(): RouterNews | undefined {
    return this.#news;
  }

  /** Gives back what the router forwards, as far as it answers in time. */
  async close(patienceMs: number): Promise<void> {
    this.#stopLooking();
    await this.#router.close(patienceMs);
  }

  #hear(news: RouterNews): void {
    this.#news = news;
    const { warnings } = this.#follow();
    for (const line of routerAnswer(news, warnings)) this.#world.print(line);
  }

  /** A change counts once it is seen twice: an interface that comes up has several in a row. */
  #look(): void {
    const seen = this.#world.interfaces();
    const text = textOf(seen);
    const isSettled = text === this.#unsettled;
    this.#unsettled = text === textOf(this.#interfaces) ? undefined : text;
    if (!isSettled || this.#unsettled === undefined) return;
    this.#unsettled = undefined;
    this.#interfaces = seen;
    this.#router.look();
    const before = this.#advertised;
    const { warnings } = this.#follow();
    if (this.#advertised === before) return;
    this.#world.print(movedLine(before, this.#advertised));
    for (const { message } of warnings) this.#world.print(`  WARNING  ${message}`);
  }

  #follow(): ExternalIps {
    const { relay, onMove } = this.#options;
    const chosen = this.#choose();
    // Without a network no address is better than the last, which may well come back.
    const isCutOff = chosen.warnings.some(({ kind }) => kind === "this-machine-only");
    const ips = isCutOff ? this.#advertised : chosen.ips;
    const hasMoved = ips.join() !== this.#advertised.join();
    if (hasMoved) this.#advertised = ips;
    const { own, broadcast } = addressesOf(this.#interfaces);
    // A relay that is down is told at its restart.
    relay.move({ externalIps: ips, ownIps: own, broadcastIps: broadcast }).catch(() => {});
    if (hasMoved) onMove();
    return chosen;
  }

  #choose(): ExternalIps {
    return chooseExternalIps({
      ...this.#options.running.turn,
      interfaces: this.#interfaces,
      routerIp: this.#news?.externalIp,
      last: this.#advertised,
    });
  }
}

function textOf(interfaces: readonly Deno.NetworkInterfaceInfo[]): string {
  return interfaces.map(({ name, address, netmask }) => `${name} ${address} ${netmask}`).sort()
    .join();
}
