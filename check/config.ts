/** What of the configuration is checked. */
export interface CheckedConfig {
  readonly http: { readonly host: string; readonly port: number };
  /** Absent where there is no certificate. */
  readonly tlsPort: number | undefined;
  readonly turn: {
    readonly hosts: readonly string[];
    readonly port: number;
    readonly externalIps: "auto" | readonly string[];
  };
  readonly router: string;
  /** STUN servers that may be asked, as `host:port`; none leaves this network out of itself. */
  readonly checkStun: readonly StunServer[];
  readonly dataDir: string;
}

export interface StunServer {
  readonly hostname: string;
  readonly port: number;
}
