import { createHmac } from "node:crypto";
import {
  type Asked,
  follow,
  type Happening,
  type Interface,
  type Lease,
  type Place,
  placesToAsk,
  type Port,
} from "./core/mod.ts";
import { type Client, findDevices, natPmpClient, pcpClient, upnpClient } from "./io/mod.ts";

export interface RouterConfig {
  /** `auto` looks for it where this machine has no public address; otherwise the router's address. */
  readonly setting: string;
  readonly ports: readonly Port[];
  /** Looked at each time that a router is sought. */
  interfaces(): readonly Interface[];
  /** A secret that outlives this process: mappings are known as ours by it, after a crash too. */
  readonly key: string;
  /** Port of PCP and NAT-PMP; tests have their own. */
  readonly port?: number;
}

/** The router as the rest of the program sees it. */
export interface Router {
  readonly lease: Lease;
  /** Removes what is mapped, as far as the router answers in time. */
  close(): Promise<void>;
}

/** RFC 6886 §3, RFC 6887 §19. */
const PORT_CONTROL = 5351;
/** A router that does not answer at the end must not hold it up; its mappings run out. */
const CLOSE_MS = 3_000;

/** Has the router forward the ports, and keeps it so until `close`. */
export function startRouter(config: RouterConfig, onChange: (lease: Lease) => void): Router {
  return new KeptLease(config, onChange);
}

class KeptLease implements Router {
  readonly #config: RouterConfig;
  readonly #onChange: (lease: Lease) => void;
  #lease: Lease = { kind: "seeking", attempt: 0 };
  /** Who granted last. */
  #client: Client | undefined;
  /** What is to be removed at the end: never what another machine has. */
  #mapped: readonly Port[] = [];
  #asking: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(config: RouterConfig, onChange: (lease: Lease) => void) {
    this.#config = config;
    this.#onChange = onChange;
    this.#act();
  }

  get lease(): Lease {
    return this.#lease;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#happen({ kind: "closed" });
    const removed = this.#asking.then(() => this.#client?.unmap(this.#mapped));
    await within(CLOSE_MS, removed);
  }

  #hear(asked: Asked): void {
    if (asked.kind === "granted") this.#mapped = asked.grant.mapped;
    this.#happen(asked);
  }

  #happen(happening: Happening): void {
    this.#lease = follow(this.#lease, happening, performance.now());
    this.#act();
    this.#onChange(this.#lease);
  }

  #act(): void {
    const lease = this.#lease;
    switch (lease.kind) {
      case "seeking":
        this.#asking = this.#seek().then((asked) => this.#hear(asked));
        return;
      case "renewing":
        this.#asking = this.#renew().then((asked) => this.#hear(asked));
        return;
      case "held":
      case "refused":
        this.#timer = setTimeout(
          () => this.#happen({ kind: "due" }),
          lease.nextAt - performance.now(),
        );
        return;
      case "closed":
        return;
    }
  }

  async #renew(): Promise<Asked> {
    return await this.#client?.map(this.#config.ports) ?? { kind: "refused", whys: [] };
  }

  /** PCP, NAT-PMP, UPnP: the newer the better it says how long a mapping lasts, and whose it is. */
  async #seek(): Promise<Asked> {
    const whys: string[] = [];
    const { setting, interfaces } = this.#config;
    for (const place of placesToAsk(setting, interfaces())) {
      for (const find of [this.#pcp, this.#natPmp, this.#upnp]) {
        const asked = await this.#first(await find(place));
        if (asked.kind === "granted") return asked;
        whys.push(...asked.whys);
      }
    }
    return { kind: "refused", whys };
  }

  /** Who grants first in this order; what others granted is given back. */
  async #first(clients: readonly Client[]): Promise<Asked> {
    const { ports } = this.#config;
    const answers = await Promise.all(
      clients.map(async (client) => ({ client, asked: await client.map(ports) })),
    );
    const whys: string[] = [];
    let first: Asked | undefined;
    for (const { client, asked } of answers) {
      if (asked?.kind === "refused") {
        whys.push(...asked.whys);
      } else if (asked && first) {
        await client.unmap(asked.grant.mapped);
      } else if (asked) {
        this.#client = client;
        first = asked;
      }
    }
    return first ?? { kind: "refused", whys };
  }

  readonly #pcp = ({ local, routers }: Place): Client[] => {
    const nonce = createHmac("sha256", this.#config.key).update("PCP nonce").digest();
    return routers.map((router) =>
      pcpClient({ local, router, port: this.#portControl }, nonce.subarray(0, 12))
    );
  };

  readonly #natPmp = ({ local, routers }: Place): Client[] =>
    routers.map((router) => natPmpClient({ local, router, port: this.#portControl }));

  readonly #upnp = async ({ local }: Place): Promise<Client[]> => {
    const { setting } = this.#config;
    const devices = (await findDevices(local)).filter(({ router }) =>
      setting === "auto" || router === setting
    );
    const clients = await Promise.all(devices.map((device) => upnpClient(device, local)));
    return clients.filter((client) => client !== undefined);
  };

  get #portControl(): number {
    return this.#config.port ?? PORT_CONTROL;
  }
}

/** Waits for it, but not for ever. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([done, late]);
  clearTimeout(timer);
}
