/** What the commands need of `auth`, so that a test can bring its own. */
export interface Accounts {
  readonly users: Users;
  /** ICE servers with a fresh credential for `subject`, at `host`. */
  iceServers(subject: string, host: string): {
    readonly iceServers: readonly IceServer[];
    /** Unix seconds. */
    readonly expiresAt: number;
  };
  close(): void;
}

export interface Users {
  add(name: string, password: string): Promise<Change>;
  setPassword(name: string, password: string): Promise<Change>;
  disable(name: string): Change;
  enable(name: string): Change;
  remove(name: string): Change;
  list(): readonly User[];
}

export interface User {
  readonly name: string;
  readonly disabled: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export type Change = { readonly kind: "done"; readonly user: User } | {
  readonly kind: "refused";
  readonly message: string;
};

export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export type Opened<T> = { readonly kind: "open"; readonly value: T } | {
  readonly kind: "failed";
  readonly message: string;
};
