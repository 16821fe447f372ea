/** The line with which this program's TLS says whose stream follows, and that it is this program. */
import { timingSafeEqual } from "node:crypto";
import type { ClientAddress, ServerAddress } from "../address.ts";
import type { NetAddrs } from "./net_addr.ts";

export interface Preface {
  readonly client: ClientAddress;
  readonly server: ServerAddress;
}

/** Two IPv6 addresses with their ports, and a token of 64. */
const LONGEST = 256;
const NEWLINE = 10;

/** Reads `TOKEN CLIENT PORT SERVER PORT` to the end of its line, and what came with it. */
export async function readPreface(
  conn: Deno.Conn,
  token: string,
  names: NetAddrs,
): Promise<{ readonly preface: Preface; readonly rest: Uint8Array } | undefined> {
  let bytes = new Uint8Array(0);
  const buffer = new Uint8Array(LONGEST);
  while (bytes.length <= LONGEST) {
    const length = await conn.read(buffer).catch(() => null);
    if (length === null) return undefined;
    bytes = new Uint8Array([...bytes, ...buffer.subarray(0, length)]);
    const end = bytes.indexOf(NEWLINE);
    if (end < 0) continue;
    const preface = parsePreface(new TextDecoder().decode(bytes.subarray(0, end)), token, names);
    return preface && { preface, rest: bytes.subarray(end + 1) };
  }
  return undefined;
}

function parsePreface(line: string, token: string, names: NetAddrs): Preface | undefined {
  const [given = "", client = "", clientPort, server = "", serverPort] = line.split(" ");
  if (!sameSecret(given, token)) return undefined;
  return {
    client: names.read({ transport: "tcp", hostname: client, port: Number(clientPort) }),
    server: names.read({ transport: "tcp", hostname: server, port: Number(serverPort) }),
  };
}

function sameSecret(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => new TextEncoder().encode(text));
  return a !== undefined && b !== undefined && a.length === b.length && timingSafeEqual(a, b);
}
