/**
 * A small internet in network namespaces: a server on a public address, and two players, each behind
 * a router of their own that masquerades with random ports (a symmetric NAT). The routers cannot
 * reach one another, and the server's firewall lets in nothing but 8080/tcp and 3478.
 */

export const SERVER_IP = "203.0.113.10";

export interface Internet extends AsyncDisposable {
  /** Names of namespaces, for `ip netns exec`. */
  readonly server: string;
  readonly players: readonly [string, string];
  /** Datagrams to relay ports that the server's firewall has dropped on `lo` so far. */
  droppedOnLoopback(): Promise<number>;
}

/** Where the relay's ports are (RFC 8656 §7.2): closed, on the server's own loopback too. */
const RELAY_PORTS = "49152-65535";

const SERVER_FIREWALL = `
table inet wall {
  counter relay_on_lo { }
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" udp dport ${RELAY_PORTS} counter name relay_on_lo drop
    tcp dport { 8080, 3478 } accept
    udp dport 3478 accept
    iifname "lo" tcp sport 8080 accept comment "answers to a probe on this machine"
    meta l4proto ipv6-icmp accept
  }
}`;

/** `wan` and `lan` are the router's two sides. Nothing gets in that was not asked for. */
const ROUTER_FIREWALL = `
table ip router {
  chain leave {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade fully-random
  }
  chain pass {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" oifname "wan" accept
  }
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
  }
}`;

let made = 0;

export async function makeInternet(): Promise<Internet> {
  const prefix = `hearth-${Deno.pid}-${++made}`;
  const [server, natA, natB, playerA, playerB] = ["srv", "nat-a", "nat-b", "a", "b"].map((role) =>
    `${prefix}-${role}`
  ) as [string, string, string, string, string];
  const namespaces = [server, natA, natB, playerA, playerB];
  const dispose = async () => {
    // What ran inside has ended by now; the links go with their namespaces.
    for (const name of namespaces) await ip(`netns delete ${name}`).catch(() => {});
  };
  try {
    for (const name of namespaces) {
      await ip(`netns add ${name}`);
      await ip(`-n ${name} link set lo up`);
    }
    await makeServer(server);
    await makeHome(server, natA, playerA, 1);
    await makeHome(server, natB, playerB, 2);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    server,
    players: [playerA, playerB],
    async droppedOnLoopback() {
      const text = await inNamespace(server, [
        "nft",
        "list",
        "counter",
        "inet",
        "wall",
        "relay_on_lo",
      ]);
      return Number(text.match(/packets (\d+)/)?.[1]);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function makeServer(server: string): Promise<void> {
  await ip(`-n ${server} link add br0 type bridge`);
  await ip(`-n ${server} addr add ${SERVER_IP}/24 dev br0`);
  await ip(`-n ${server} link set br0 up`);
  // A machine on the internet has a way to everywhere: here it leads to nobody.
  const nobody = "203.0.113.254";
  await ip(`-n ${server} neigh add ${nobody} lladdr 02:00:00:00:00:01 dev br0 nud permanent`);
  await ip(`-n ${server} route add default via ${nobody}`);
  await loadFirewall(server, SERVER_FIREWALL);
}

/** Router `nat` at 203.0.113.(10 × number + 10), player at 10.number.0.2 behind it. */
async function makeHome(server: string, nat: string, player: string, number: number) {
  await ip(`-n ${server} link add home${number} type veth peer name wan netns ${nat}`);
  await ip(`-n ${server} link set home${number} master br0 up`);
  await ip(`-n ${server} link set home${number} type bridge_slave isolated on`);
  await ip(`-n ${nat} addr add 203.0.113.${10 * number + 10}/24 dev wan`);
  await ip(`-n ${nat} link set wan up`);
  await ip(`-n ${nat} route add default via ${SERVER_IP}`);
  await ip(`-n ${nat} link add lan type veth peer name eth0 netns ${player}`);
  await ip(`-n ${nat} addr add 10.${number}.0.1/24 dev lan`);
  await ip(`-n ${nat} link set lan up`);
  await inNamespace(nat, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
  await loadFirewall(nat, ROUTER_FIREWALL);
  await ip(`-n ${player} addr add 10.${number}.0.2/24 dev eth0`);
  await ip(`-n ${player} link set eth0 up`);
  await ip(`-n ${player} route add default via 10.${number}.0.1`);
}

export async function loadFirewall(namespace: string, rules: string): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "hearth-nft-" });
  try {
    await Deno.writeTextFile(path, rules);
    await inNamespace(namespace, ["nft", "-f", path]);
  } finally {
    await Deno.remove(path);
  }
}

/** Runs a program inside a namespace and gives what it printed. */
export function inNamespace(namespace: string, command: readonly string[]): Promise<string> {
  return run("ip", ["netns", "exec", namespace, ...command]);
}

export function ip(args: string): Promise<string> {
  return run("ip", args.split(" "));
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const output = await new Deno.Command(program, { args: [...args] }).output();
  if (output.success) return new TextDecoder().decode(output.stdout);
  throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(output.stderr)}`);
}
