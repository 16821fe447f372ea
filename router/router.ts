import { createHmac } from "node:crypto";
import {
  type Asked,
  closingPatience,
  follow,
  type Grant,
  type Happening,
  type Interface,
  type Lease,
  type Place,
  placesToAsk,
  type Port,
} from "./core/mod.ts";
import {
  type Client,
  findDevices,
  listenForAnnouncements,
  natPmpClient,
  pcpClient,
  upnpClient,
} from "./io/mod.ts";

export interface RouterConfig {
  /** `off`; `auto` looks for it where this machine has no public address; otherwise the router's address. */
  readonly setting: string;
  /** Without any, nobody is asked. */
  readonly ports: readonly Port[];
  /** Looked at each time that a router is sought; this machine's where absent. */
  readonly interfaces?: () => readonly Interface[];
  /** A secret that outlives this process: mappings are known as ours by it, after a crash too. */
  readonly secret: string;
  /** Port of PCP and NAT-PMP, and that of their announcements; tests have their own. */
  readonly port?: number;
  readonly announcementPort?: number;
}

/** The router as the rest of the program sees it. */
export interface Router {
  /** Whether this machine is where a router is asked, as it stands now. */
  readonly asks: boolean;
  /** This machine's addresses have changed: a router is sought where it is now. */
  look(): void;
  /** Removes what is mapped, as far as the router answers in time: see `closingPatience`. */
  close(patienceMs: number): Promise<void>;
  /** Asks no longer, and leaves what is mapped as it is. */
  leave(): Promise<void>;
}

/** RFC 6886 §3, RFC 6887 §19. */
const PORT_CONTROL = 5351;
const ANNOUNCEMENTS = 5350;

const OFF: Router = {
  asks: false,
  look: () => {},
  close: async () => {},
  leave: async () => {},
};

/** What has become of the ports, told once for each change. */
export type RouterNews =
  | Grant & { readonly kind: "forwarded" }
  | {
    readonly kind: "not-forwarded";
    readonly whys: readonly string[];
    readonly externalIp?: undefined;
  };

/** Has the router forward the ports, and keeps it so until `close`. */
export function startRouter(config: RouterConfig, onNews: (news: RouterNews) => void): Router {
  if (config.setting === "off" || config.ports.length === 0) return OFF;
  return new KeptLease(config, onNews);
}

class KeptLease implements Router {
  readonly #config: RouterConfig;
  readonly #onNews: (news: RouterNews) => void;
  #places: readonly Place[] = [];
  #told = "";
  #lease: Lease = { kind: "seeking", attempt: 0 };
  /** Who granted last. */
  #client: Client | undefined;
  /** What is to be removed at the end: never what another machine has. */
  #mapped: readonly Port[] = [];
  #asking: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stopListening: () => void;

  constructor(config: RouterConfig, onNews: (news: RouterNews) => void) {
    this.#config = config;
    this.#onNews = onNews;
    this.#stopListening = listenForAnnouncements(
      config.announcementPort ?? ANNOUNCEMENTS,
      (from) => this.#happen({ kind: "announced", from }),
    );
    this.#act();
  }

  get asks(): boolean {
    return this.#places.length > 0;
  }

  look(): void {
    if (JSON.stringify(this.#placesNow()) === JSON.stringify(this.#places)) return;
    // What is asked for just now is answered, or not, for where this machine was.
    void this.#asking.then(() => this.#happen({ kind: "moved" }));
  }

  async close(patienceMs: number): Promise<void> {
    const removed = this.leave().then(() => this.#client?.unmap(this.#mapped));
    await within(closingPatience(patienceMs), removed);
  }

  leave(): Promise<void> {
    this.#stopListening();
    this.#happen({ kind: "closed" });
    return this.#asking;
  }

  #hear(asked: Asked): void {
    if (asked.kind === "granted") this.#mapped = asked.grant.mapped;
    this.#happen(asked);
  }

  #happen(happening: Happening): void {
    const before = this.#lease;
    this.#lease = follow(before, happening, performance.now());
    if (this.#lease !== before) this.#act();
  }

  #wakeAt(at: number): void {
    this.#timer = setTimeout(() => this.#happen({ kind: "due" }), at - performance.now());
  }

  /** A renewal that brought nothing new is no news. */
  #tell(news: RouterNews): void {
    const text = JSON.stringify(news);
    if (text !== this.#told) this.#onNews(news);
    this.#told = text;
  }

  #act(): void {
    clearTimeout(this.#timer);
    const lease = this.#lease;
    switch (lease.kind) {
      case "seeking":
        this.#asking = this.#seek().then((asked) => this.#hear(asked));
        return;
      case "renewing":
        this.#asking = this.#renew().then((asked) => this.#hear(asked));
        return;
      case "held":
        this.#tell({ kind: "forwarded", ...lease.grant });
        return this.#wakeAt(lease.nextAt);
      case "refused":
        if (this.asks) this.#tell({ kind: "not-forwarded", whys: lease.whys });
        return this.#wakeAt(lease.nextAt);
      case "closed":
        return;
    }
  }

  #placesNow(): Place[] {
    const { setting, interfaces = Deno.networkInterfaces } = this.#config;
    return placesToAsk(setting, interfaces());
  }

  async #renew(): Promise<Asked> {
    return await this.#client?.map(this.#config.ports) ?? { kind: "refused", whys: [] };
  }

  /** PCP, NAT-PMP, UPnP: the newer the better it says how long a mapping lasts, and whose it is. */
  async #seek(): Promise<Asked> {
    const whys: string[] = [];
    this.#places = this.#placesNow();
    for (const place of this.#places) {
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
    const nonce = createHmac("sha256", this.#config.secret).update("PCP nonce").digest();
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
