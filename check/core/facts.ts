/** What was seen of this machine and its network: nothing here is judged. */

export type Fact =
  | PortFact
  | AddressFact
  | {
    readonly kind: "hairpin";
    /** The address outside that was asked, from inside. */
    readonly ip: string;
    readonly works: boolean;
  }
  | {
    readonly kind: "ipv6";
    /** Addresses of this machine that the whole internet reaches. */
    readonly publicIps: readonly string[];
    readonly listens: { readonly http: boolean; readonly turn: boolean };
    readonly ports: readonly Port[];
  }
  | {
    readonly kind: "firewall";
    /** Which system's firewall it would be. */
    readonly os: "linux" | "darwin" | "windows" | "other";
    /** Whether `ufw` is on; undefined where that cannot be read. */
    readonly ufw: boolean | undefined;
    readonly ports: readonly Port[];
  }
  | {
    readonly kind: "clock";
    readonly now: Moment;
    /** When this machine last wrote into the data folder: that was in the past. */
    readonly lastWrite: Moment | undefined;
  }
  | {
    readonly kind: "descriptors";
    /** How many sockets could be open at once; at most `tried`. */
    readonly opened: number;
    readonly tried: number;
  }
  | { readonly kind: "data-folder"; readonly path: string; readonly state: FolderState }
  | { readonly kind: "permission"; readonly name: string; readonly granted: boolean };

export interface Moment {
  /** Unix milliseconds. */
  readonly ms: number;
  /** For people. */
  readonly text: string;
}

export type FolderState =
  | { readonly kind: "usable" }
  /** Other users may put files there; those of ours are closed to them in any case. */
  | { readonly kind: "open-to-others"; readonly mode: number }
  /** It is made at the first start. */
  | { readonly kind: "absent" }
  | { readonly kind: "unusable"; readonly why: string };

export interface PortFact {
  readonly kind: "port";
  readonly service: "http" | "turn";
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
  readonly state:
    | { readonly kind: "free" }
    /** This program has it. */
    | { readonly kind: "ours" }
    | { readonly kind: "taken"; readonly who: string | undefined }
    | { readonly kind: "refused"; readonly why: "permission" | "no such address" };
}

export interface AddressFact {
  readonly kind: "addresses";
  readonly configured: "auto" | readonly string[];
  /** IPv4 addresses of this machine's own. */
  readonly own: readonly string[];
  readonly router: RouterFact;
  /** What STUN servers that were named see us come from. */
  readonly stun: readonly { readonly server: string; readonly ip: string | undefined }[];
  readonly ports: readonly Port[];
}

export type RouterFact =
  | { readonly kind: "off" }
  /** The machine is in no home's network. */
  | { readonly kind: "nobody" }
  | {
    readonly kind: "forwarded";
    readonly protocol: string;
    readonly router: string;
    readonly externalIp: string;
    readonly mapped: readonly Port[];
    readonly missing: readonly (Port & { readonly why: string })[];
  }
  | { readonly kind: "not-forwarded"; readonly whys: readonly string[] };

export interface Port {
  readonly transport: "udp" | "tcp";
  readonly port: number;
}
