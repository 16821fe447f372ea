import assert from "node:assert/strict";
import { run } from "../../cli/mod.ts";
import { loadCertificate } from "../../tls/mod.ts";
import { fakeTerminal } from "./fake_terminal.ts";

const interfaces = () => [{
  name: "eth0",
  family: "IPv4" as const,
  address: "192.168.1.5",
  netmask: "255.255.255.0",
  cidr: "192.168.1.5/24",
  mac: "00:00:5e:00:53:01",
  scopeid: null,
}];

Deno.test("tls self-signed makes files that TLS takes, once, for this machine's addresses", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-cli-" });
  const make = async (env: Record<string, string> = {}) => {
    const terminal = fakeTerminal();
    const line = ["tls", "self-signed", "--public-host", "game.example.org"];
    const outcome = await run(line, {
      version: "1.2.3",
      env: { HEARTH_DATA_DIR: dataDir, ...env },
      readFile: () => ({ ok: true }),
      interfaces,
      terminal,
    });
    assert(outcome.kind === "exit");
    return { code: outcome.code, ...terminal };
  };
  try {
    const { code, printed } = await make();
    assert.equal(code, 0);
    assert.match(printed.join(" "), /game\.example\.org, localhost, .*192\.168\.1\.5/);
    const files = { certificate: `${dataDir}/certificate.pem`, key: `${dataDir}/key.pem` };
    const loaded = loadCertificate(files, Date.now());
    assert(loaded.kind === "loaded");
    assert.match(loaded.certificate.names, /game\.example\.org.*192\.168\.1\.5/);
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(files.key)).mode! & 0o777, 0o600);
    }

    const again = await make();
    assert.equal(again.code, 1);
    assert.match(again.failed.join(" "), /move .*certificate\.pem/);
    const named = await make({ HEARTH_TLS_KEY: "/etc/key.pem" });
    assert.equal(named.code, 1);
    assert.match(named.failed.join(" "), /those are used/);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
