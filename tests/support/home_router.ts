/**
 * A home in network namespaces: a host at 192.168.7.2 behind a router at 192.168.7.1 that runs
 * miniupnpd, and a player outside, on the router's other network.
 */
import type { Protocol } from "../../router/mod.ts";
import { inNamespace, ip, loadFirewall } from "./netns.ts";

export interface HomeRouter extends AsyncDisposable {
  /** Names of namespaces, for `ip netns exec`. */
  readonly host: string;
  readonly router: string;
  readonly outside: string;
  /** What the router forwards now, such as `tcp 8080`, sorted. */
  forwards(): Promise<string[]>;
  /** The provider gives the router another address; what goes to or comes from the last is lost. */
  moveTo(externalIp: string): Promise<void>;
}

export interface HomeRouterOptions {
  /** The router's address outside. */
  readonly externalIp?: string;
  /** Lines of miniupnpd.conf. */
  readonly settings?: readonly string[];
  /** What it is asked by; what is left out is off. */
  readonly speaks?: readonly Protocol[];
}

export const ROUTER_IP = "192.168.7.1";
export const HOST_IP = "192.168.7.2";
/** No documentation address: miniupnpd does not take them for public ones. */
export const EXTERNAL_IP = "45.0.0.20";
/** Where the player outside is. */
export const OUTSIDE_IP = "45.0.0.99";

/** The tables and chains that miniupnpd writes into (nft_init.sh of its package). It does not hairpin. */
const FIREWALL = `
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" oifname "wan" accept
    jump miniupnpd
  }
  chain miniupnpd { }
  chain prerouting {
    type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade
    jump postrouting_miniupnpd
  }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}`;

/** Drops version 2 of what comes to the port of PCP and NAT-PMP: as if it were old. */
const WITHOUT_PCP = `
table ip old {
  chain input {
    type filter hook input priority 0; policy accept;
    udp dport 5351 @th,64,8 2 drop
  }
}`;

/** As an internet where the address is nobody's: silence, and no answer from what still used it. */
function withoutAddress(externalIp: string): string {
  return `
table ip gone {
  chain in {
    type filter hook prerouting priority -300; policy accept;
    iifname "wan" ip daddr ${externalIp} drop
  }
  chain out {
    type filter hook postrouting priority 300; policy accept;
    oifname "wan" ip saddr ${externalIp} drop
  }
}`;
}

const READY_POLL_MS = 50;
const READY_POLLS = 100;

let made = 0;

export async function makeHomeRouter(options: HomeRouterOptions = {}): Promise<HomeRouter> {
  const prefix = `hearth-home-${Deno.pid}-${++made}`;
  const [host, router, outside] = ["host", "router", "out"].map((role) => `${prefix}-${role}`) as [
    string,
    string,
    string,
  ];
  const folder = await Deno.makeTempDir({ prefix: "hearth-miniupnpd-" });
  let externalIp = options.externalIp ?? EXTERNAL_IP;
  let daemon: Deno.ChildProcess | undefined;
  const dispose = async () => {
    daemon?.kill("SIGTERM");
    await daemon?.status;
    for (const name of [host, router, outside]) {
      await ip(`netns delete ${name}`).catch(() => {});
    }
    await Deno.remove(folder, { recursive: true });
  };
  try {
    for (const name of [host, router, outside]) {
      await ip(`netns add ${name}`);
      await ip(`-n ${name} link set lo up`);
    }
    await connect([router, "lan", ROUTER_IP], [host, "eth0", HOST_IP]);
    await connect([router, "wan", externalIp], [outside, "eth0", OUTSIDE_IP]);
    await ip(`-n ${host} route add default via ${ROUTER_IP}`);
    await ip(`-n ${outside} route add ${externalIp} dev eth0`).catch(() => {});
    await inNamespace(router, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    await loadFirewall(router, FIREWALL);
    const speaks = options.speaks ?? ["PCP", "NAT-PMP", "UPnP"];
    if (!speaks.includes("PCP")) await loadFirewall(router, WITHOUT_PCP);
    daemon = await startDaemon(router, folder, [
      `enable_natpmp=${speaks.some((one) => one !== "UPnP") ? "yes" : "no"}`,
      `enable_upnp=${speaks.includes("UPnP") ? "yes" : "no"}`,
      ...options.settings ?? [],
    ]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host,
    router,
    outside,
    async forwards() {
      const rules = await inNamespace(router, [
        ..."nft list chain inet filter prerouting_miniupnpd".split(" "),
      ]);
      return rules.split("\n").flatMap((line) => {
        const [, protocol, port] =
          line.match(/@nh,72,8 (0x6|0x11) th dport (\d+) dnat ip to 192\.168\.7\.2:\2\b/) ?? [];
        return protocol ? [`${protocol === "0x6" ? "tcp" : "udp"} ${port}`] : [];
      }).sort();
    },
    async moveTo(next) {
      const last = externalIp;
      externalIp = next;
      await loadFirewall(router, withoutAddress(last));
      const [, hardwareAddress] =
        (await ip(`-n ${router} link show wan`)).match(/link\/ether (\S+)/) ?? [];
      await ip(`-n ${outside} neigh replace ${last} lladdr ${hardwareAddress} dev eth0`);
      await ip(`-n ${router} addr del ${last}/24 dev wan`);
      await ip(`-n ${router} addr add ${next}/24 dev wan`);
      // As routers do from where they take the address: then it is announced.
      daemon?.kill("SIGUSR1");
    },
    [Symbol.asyncDispose]: dispose,
  };
}

type End = readonly [namespace: string, device: string, address: string];

async function connect(a: End, b: End): Promise<void> {
  await ip(`-n ${a[0]} link add ${a[1]} type veth peer name ${b[1]} netns ${b[0]}`);
  for (const [namespace, device, address] of [a, b]) {
    await ip(`-n ${namespace} addr add ${address}/24 dev ${device}`);
    await ip(`-n ${namespace} link set ${device} up`);
  }
}

async function startDaemon(
  router: string,
  folder: string,
  settings: readonly string[],
): Promise<Deno.ChildProcess> {
  const config = [
    "ext_ifname=wan",
    "listening_ip=lan",

    "enable_upnp=yes",
    "secure_mode=yes",
    "ipv6_disable=yes",
    `lease_file=${folder}/leases`,
    "uuid=0bebfbc3-5ef6-485e-b114-a3b158594e08",
    ...settings,
    "allow 1024-65535 192.168.7.0/24 1024-65535",
    "deny 0-65535 0.0.0.0/0 0-65535",
  ];
  const path = `${folder}/miniupnpd.conf`;
  await Deno.writeTextFile(path, config.join("\n"));
  const daemon = new Deno.Command("ip", {
    args: ["netns", "exec", router, "miniupnpd", "-d", "-f", path, "-P", `${folder}/pid`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  daemon.status.then(() => ended = true);
  // It has its ports when it is ready, and says so to nobody.
  for (let poll = 0; poll < READY_POLLS && !ended; poll++) {
    const sockets = await inNamespace(router, ["ss", "-Hlun"]);
    if (/:(1900|5351) /.test(sockets)) return daemon;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  if (!ended) daemon.kill("SIGKILL");
  throw new Error("miniupnpd did not start");
}
