import { loadCertificate } from "./certificate.ts";
import type { TlsEvent } from "./events.ts";
import { Front, type FrontLimits, type Inside } from "./front.ts";
import { KeptCertificate } from "./kept_certificate.ts";

export interface TlsOptions {
  /** Paths of PEM files, and whether somebody named them: else they need not be there. */
  readonly certificate: string;
  readonly key: string;
  readonly isNamed: boolean;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly limits: Omit<FrontLimits, "firstByteMs">;
}

/** What is behind TLS. */
export interface TlsTargets {
  /** As `tokenOf` made it: without one there is no TLS. */
  readonly token: string | undefined;
  /** Where HTTP listens on `host`, and the relay on 127.0.0.1; undefined while they do not. */
  readonly httpPort: () => number | undefined;
  readonly relayPort: () => number | undefined;
}

/** TLS as the rest of the program sees it. */
export interface Tls {
  readonly port: number;
  /** False once the listener is gone, asked or not. */
  readonly listening: boolean;
  /** Whose connection it is that HTTP sees come from here; undefined where it did not. */
  clientOf(from: Inside): string | undefined;
  /** Looks for a new certificate now. */
  reload(): void;
  /** Takes other limits. Connections that are open stay. */
  limit(limits: TlsOptions["limits"]): void;
  /** Takes no new connection. */
  drain(): void;
  close(): void;
}

export type OpenedTls =
  | { readonly kind: "open"; readonly value: Tls | undefined }
  | { readonly kind: "failed"; readonly message: string };

const FIRST_BYTE_MS = 10_000;

/**
 * What shows the relay that a stream comes through this program's TLS; undefined where there is
 * no certificate.
 */
export function tokenOf(options: Pick<TlsOptions, "certificate" | "isNamed">): string | undefined {
  return hasCertificate(options) ? crypto.randomUUID() : undefined;
}

/** Whether somebody named a certificate, or one is there. */
export function hasCertificate(
  { certificate, isNamed }: Pick<TlsOptions, "certificate" | "isNamed">,
): boolean {
  return isNamed || isThere(certificate);
}

/** Opens TLS where there is a certificate. */
export async function openTls(
  options: TlsOptions,
  { token, httpPort, relayPort }: TlsTargets,
  note: (event: TlsEvent) => void,
): Promise<OpenedTls> {
  if (token === undefined) return { kind: "open", value: undefined };
  const { host, port, limits } = options;
  const loaded = loadCertificate(options, Date.now());
  if (loaded.kind === "unfit") return { kind: "failed", message: `No TLS: ${loaded.reason}.` };
  const kept = new KeptCertificate(options, loaded.certificate, Date.now, note);
  try {
    const front = await Front.open({
      host,
      port,
      context: () => kept.current.context,
      http: () => inside(ownAddress(host), httpPort()),
      relay: () => inside("127.0.0.1", relayPort()),
      token,
      limits: { ...limits, firstByteMs: FIRST_BYTE_MS },
      note,
    });
    return { kind: "open", value: joined(front, kept) };
  } catch (error) {
    kept.close();
    return { kind: "failed", message: `Cannot speak TLS on ${host}, port ${port}: ${why(error)}` };
  }
}

function joined(front: Front, kept: KeptCertificate): Tls {
  return {
    port: front.port,
    get listening() {
      return front.listening;
    },
    clientOf: (from) => front.clientOf(from),
    reload: () => kept.reload(),
    limit: (limits) => front.limit(limits),
    drain: () => front.drain(),
    close() {
      kept.close();
      front.close();
    },
  };
}

function inside(hostname: string, port: number | undefined): Inside | undefined {
  return port === undefined ? undefined : { hostname, port };
}

/** How this machine reaches what listens on `host`. */
function ownAddress(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function why(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return "another program has it. Stop that one, or set HEARTH_TLS_PORT to another port.";
  }
  if (code === "EACCES" || code === "EPERM") {
    return "ports below 1024 need a privilege (docs/tls.md says which); or set HEARTH_TLS_PORT " +
      "to another, such as 8443.";
  }
  return error instanceof Error ? error.message : String(error);
}
