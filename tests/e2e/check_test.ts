import { deepEqual, equal, match } from "node:assert/strict";
import type { Finding, Report } from "../../check/mod.ts";
import { EXTERNAL_IP, makeHomeRouter, OUTSIDE_IP } from "../support/home_router.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, loadFirewall } from "../support/netns.ts";
import { checkTask, startServer } from "../support/server.ts";

const ignore = lacks("netns", "miniupnpd", "curl");

function wrong({ findings }: Report): [level: string, what: string][] {
  return findings.flatMap(({ level, what }) =>
    level === "warning" || level === "broken" ? [[level, what] as [string, string]] : []
  );
}

function find({ findings }: Report, what: RegExp): Finding {
  const finding = findings.find((one) => what.test(one.what));
  if (!finding) throw new Error(`${what} is not in ${JSON.stringify(findings, null, 2)}`);
  return finding;
}

Deno.test({
  name: "behind a router that forwards and does not hairpin, the check says just that",
  ignore,
  async fn() {
    await using home = await makeHomeRouter();
    const { code, report } = await checkTask(home.host);
    equal(code, 0);
    deepEqual(wrong(report), [[
      "warning",
      `The router does not lead from inside to its own address ${EXTERNAL_IP} (no hairpin).`,
    ]]);
    match(find(report, /forwards 8080\/tcp, 3478\/udp, 3478\/tcp/).seen, /by PCP/);
    equal(find(report, /firewall .* lets in 8080\/tcp, 3478\/udp, 3478\/tcp/).level, "unknown");
    deepEqual(await home.forwards(), [], "a check leaves nothing");
  },
});

Deno.test({
  name: "a router that hairpins is seen to do so, by the server that runs and without it",
  ignore,
  async fn() {
    await using home = await makeHomeRouter();
    await loadFirewall(home.router, HAIRPIN);
    find((await checkTask(home.host)).report, /leads from inside to 45\.0\.0\.20 and back/);

    const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
    try {
      await using server = await startServer({
        namespace: home.host,
        dataDir,
        env: { HEARTH_ROUTER: "auto", HEARTH_EXTERNAL_IP: "auto" },
      });
      while (!/ Router /.test(server.log())) await new Promise((done) => setTimeout(done, 50));
      const { code, report } = await checkTask(home.host, { HEARTH_DATA_DIR: dataDir });
      equal(code, 0);
      deepEqual(wrong(report), []);
      find(report, /Hearth has port 3478\/udp/);
      deepEqual((await home.forwards()).length, 3, "the server's mappings are left to it");
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

const HAIRPIN = `
table ip hairpin {
  chain prerouting {
    type nat hook prerouting priority -110;
    iifname "lan" ip daddr ${EXTERNAL_IP} dnat to 192.168.7.2
  }
  chain postrouting {
    type nat hook postrouting priority 90;
    iifname "lan" oifname "lan" masquerade
  }
}
table inet filter {
  chain forward {
    iifname "lan" oifname "lan" accept
  }
}`;

Deno.test({
  name: "a port that another program has is broken, and its name is told",
  ignore,
  async fn() {
    await using home = await makeHomeRouter();
    await using _other = await otherProgram(home.host);
    const { code, report } = await checkTask(home.host, { HEARTH_ROUTER: "off" });
    equal(code, 1);
    const taken = find(report, /Another program has port 8080\/tcp: Other\/1\.0/);
    equal(taken.level, "broken");
    equal(taken.level === "broken" && /ss -lnpt 'sport = :8080'/.test(taken.todo), true);
  },
});

/** A web server that is not ours, on port 8080 of a namespace. */
async function otherProgram(namespace: string): Promise<AsyncDisposable> {
  const script = 'Deno.serve({ port: 8080, onListen: () => console.log("up") }, () => ' +
    'new Response("", { status: 404, headers: { server: "Other/1.0" } }))';
  const child = new Deno.Command("ip", {
    args: ["netns", "exec", namespace, Deno.execPath(), "eval", script],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test({
  name: "carrier-grade NAT is seen by a STUN server that sees another address than the router's",
  ignore,
  async fn() {
    await using home = await makeHomeRouter();
    await using _stun = await startServer({ namespace: home.outside });
    const sharedIp = "45.0.0.21";
    await inNamespace(home.router, `ip addr add ${sharedIp}/24 dev wan`.split(" "));
    await loadFirewall(home.router, carrier(sharedIp));
    const { code, report } = await checkTask(home.host, { HEARTH_CHECK_STUN: OUTSIDE_IP });
    equal(code, 1);
    const { seen } = find(report, /shares one address among its customers/);
    match(seen, /the router has 45\.0\.0\.20, .* 45\.0\.0\.99:3478 sees 45\.0\.0\.21/);
  },
});

function carrier(sharedIp: string): string {
  return `
table ip carrier {
  chain postrouting {
    type nat hook postrouting priority 90;
    oifname "wan" snat to ${sharedIp}
  }
}`;
}

Deno.test({
  name: "a router that refuses, having no public address itself, is quoted",
  ignore,
  async fn() {
    await using home = await makeHomeRouter({ externalIp: "100.64.0.20" });
    const { code, report } = await checkTask(home.host);
    equal(code, 0);
    const { level, seen } = find(report, /does not forward the ports by itself/);
    equal(level, "warning");
    match(seen, /192\.168\.7\.1 \(NAT-PMP\): it has no connection itself/);
  },
});
