import { createHmac } from "node:crypto";

declare const host: unique symbol;
/** A name or address that may stand in an ICE URL (RFC 7064 §3.1); IPv6 is in brackets. */
export type Host = string & { readonly [host]: true };

/** W3C `RTCIceServer`, as `new RTCPeerConnection({ iceServers })` takes it. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface IceServers {
  readonly iceServers: readonly IceServer[];
  /** When the credential ends: Unix seconds. */
  readonly expiresAt: number;
}

/** Where the relay listens, and what its credentials are signed with. */
export interface TurnEndpoint {
  readonly port: number;
  /** Shared secrets: the first signs. */
  readonly secrets: readonly [string, ...string[]];
  readonly udp: boolean;
  readonly tcp: boolean;
  /** Port of TURN over TLS, where there is any. */
  readonly tlsPort?: number;
}

const LABELS =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;
/** A name of 253 characters, and a port. */
const MAX_HOST_LENGTH = 253 + 6;
const WITH_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
const BARE_IPV6 = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*$/i;

/**
 * Reads a Host header (RFC 9110 §7.2), a URL's host or a configured one. What a stranger sent is
 * put into URLs that a browser obeys, so only letters, digits, `-`, `_` and dots pass, or an IPv6
 * address. `localhost` is 127.0.0.1 here, because the relay may not listen on ::1.
 */
export function parseHost(text: string): Host | undefined {
  if (text.length > MAX_HOST_LENGTH) return undefined;
  const [, name] = WITH_PORT.exec(BARE_IPV6.test(text) ? `[${text}]` : text) ?? [];
  if (!name || !(name.startsWith("[") || LABELS.test(name))) return undefined;
  if (!URL.canParse(`http://${name}/`)) return undefined;
  const { hostname } = new URL(`http://${name}/`);
  return (hostname === "localhost" ? "127.0.0.1" : hostname) as Host;
}

/**
 * ICE servers with a credential of limited life (draft-uberti-behave-turn-rest-00 §2.2): the name
 * carries the second in which it ends and whose it is, the password proves that we said so.
 * `until` is in Unix milliseconds, cut to the second. The relay counts what a `room` holds.
 */
export function makeIceServers(
  turn: TurnEndpoint,
  subject: string,
  host: Host,
  until: number,
  room?: string,
): IceServers {
  const expiry = Math.floor(until / 1000);
  const at = `${host}:${turn.port}`;
  const urls = [
    ...(turn.udp ? [`turn:${at}?transport=udp`] : []),
    ...(turn.tcp ? [`turn:${at}?transport=tcp`] : []),
    ...(turn.tlsPort === undefined ? [] : [`turns:${host}:${turn.tlsPort}?transport=tcp`]),
  ];
  const [secret] = turn.secrets;
  const username = `${expiry}:${subject}${room === undefined ? "" : `/${roomLabel(room, secret)}`}`;
  const credential = createHmac("sha1", secret).update(username).digest("base64");
  return {
    iceServers: [
      ...(turn.udp ? [{ urls: [`stun:${at}`] }] : []),
      ...(urls.length > 0 ? [{ urls, username, credential }] : []),
    ],
    expiresAt: expiry,
  };
}

/** Tells rooms apart without naming them: usernames travel in the clear, and a code lets one in. */
function roomLabel(room: string, secret: string): string {
  return createHmac("sha256", secret).update(room).digest("base64url").slice(0, 16);
}
