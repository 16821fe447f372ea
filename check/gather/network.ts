/** What the router and those beyond it say. Nobody beyond is asked who was not named. */
import { type Port, portsToForward, type RouterNews, startRouter } from "../../router/mod.ts";
import { askBinding } from "../../turn/mod.ts";
import type { CheckedConfig } from "../config.ts";
import { type Fact, reachOf, type RouterFact } from "../core/mod.ts";

export interface NetworkQuestion {
  readonly config: CheckedConfig;
  /** The server runs here: its mappings are left alone. */
  readonly isRunning: boolean;
  /** As the server's own, so that a check does not compete with it. */
  readonly secret: string;
  /** What the router said last, where the server itself asks. */
  readonly router?: RouterFact;
}

const HAIRPIN_WAITS_MS = [300, 700];

export async function gatherNetwork(question: NetworkQuestion): Promise<Fact[]> {
  const { config, isRunning } = question;
  const { turn } = config;
  const own = Deno.networkInterfaces().filter(({ family }) => family === "IPv4")
    .map(({ address }) => address).filter((ip) => reachOf(ip) !== undefined);
  const [asked, stun] = await Promise.all([
    question.router ? { router: question.router, close: async () => {} } : askRouter(question),
    Promise.all(config.checkStun.map(async (server) => ({
      server: `${server.hostname}:${server.port}`,
      ip: await askBinding(server),
    }))),
  ]);
  const { router, close } = asked;
  const outside = router.kind === "forwarded" ? router.externalIp : undefined;
  const facts: Fact[] = [{
    kind: "addresses",
    configured: turn.externalIps,
    own,
    router,
    stun,
    ports: portsOf(config),
  }];
  if (outside !== undefined && reachOf(outside) === "internet") {
    const works = isRunning
      ? await askBinding({ hostname: outside, port: turn.port }, HAIRPIN_WAITS_MS) !== undefined
      : await comesBack(outside, turn.port);
    facts.push({ kind: "hairpin", ip: outside, works });
  }
  await close();
  return facts;
}

/** The ports that players outside need. */
export function portsOf({ http, turn, tlsPort }: CheckedConfig): Port[] {
  return portsToForward({ http, httpPort: http.port, turn, turnPort: turn.port, tlsPort });
}

async function askRouter(
  { config, isRunning, secret }: NetworkQuestion,
): Promise<{ readonly router: RouterFact; close(): Promise<void> }> {
  if (config.router === "off") return { router: { kind: "off" }, close: async () => {} };
  const answer = Promise.withResolvers<RouterNews>();
  const setting = { setting: config.router, ports: portsOf(config), secret };
  const router = startRouter(setting, answer.resolve);
  if (!router.asks) {
    await router.leave();
    return { router: { kind: "nobody" }, close: async () => {} };
  }
  const close = () => isRunning ? router.leave() : router.close(Infinity);
  return { router: await answer.promise, close };
}

/** Sends to the address outside, and looks whether it arrives at the port inside. */
async function comesBack(ip: string, port: number): Promise<boolean> {
  let inside: Deno.DatagramConn;
  try {
    inside = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port });
  } catch {
    return false;
  }
  const token = crypto.getRandomValues(new Uint8Array(16));
  const sender = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = (attempt: number) => {
    const wait = HAIRPIN_WAITS_MS[attempt];
    if (wait === undefined) return inside.close();
    sender.send(token, { transport: "udp", hostname: ip, port }).catch(() => {});
    timer = setTimeout(send, wait, attempt + 1);
  };
  send(0);
  try {
    for await (const [bytes] of inside) {
      if (bytes.length !== token.length || bytes.some((byte, i) => byte !== token[i])) continue;
      inside.close();
      return true;
    }
    return false;
  } finally {
    clearTimeout(timer);
    sender.close();
  }
}
