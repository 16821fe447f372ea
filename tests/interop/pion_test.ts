/** A client in Go, with Debian's pion: long-term credential, permission, channel, refresh. */
import { equal, match } from "node:assert/strict";
import { start } from "../../turn/mod.ts";
import { lacks } from "../support/needs.ts";
import { PASSWORD, REALM, testConfig, USER } from "../turn/io/config.ts";

const HERE = new URL("pion/", import.meta.url);
const ROUNDS = 50;

Deno.test("pion's client sends and hears through the relay, over UDP and TCP, and leaves nothing", {
  ignore: lacks("go"),
}, async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "hearth-pion-" });
  const client = `${folder}/client`;
  const handle = start(testConfig());
  try {
    const build = await new Deno.Command("go", {
      args: ["build", "-o", client, "."],
      cwd: HERE,
      // Debian's packages come as source, in a GOPATH.
      env: { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
    }).output();
    equal(new TextDecoder().decode(build.stderr), "");
    const { port } = await handle.ready;
    for (const network of ["udp", "tcp"]) {
      await t.step(network, async () => {
        const { code, stdout, stderr } = await new Deno.Command(client, {
          args: [
            ...["-server", `127.0.0.1:${port}`, "-network", network, "-rounds", `${ROUNDS}`],
            ...["-username", USER, "-password", PASSWORD, "-realm", REALM],
          ],
        }).output();
        equal(code, 0, new TextDecoder().decode(stderr));
        const said = new TextDecoder().decode(stdout);
        match(said, /^mapped 127\.0\.0\.1:\d+\nrelayed 127\.0\.0\.1:\d+\n/);
        match(said, new RegExp(`echoed ${ROUNDS}\nclosed\n$`));
        // Its Refresh with a lifetime of 0, whose answer it does not wait for, is understood.
        for (let i = 0; i < 1_000 && (await handle.stats()).allocations > 0; i++);
        equal((await handle.stats()).allocations, 0);
      });
    }
  } finally {
    await handle.close();
    await Deno.remove(folder, { recursive: true });
  }
});
