import { equal } from "node:assert/strict";
import { askBinding, start } from "../../../turn/mod.ts";
import { testConfig } from "./config.ts";

Deno.test("a STUN server says which address one comes from", async () => {
  const relay = start(testConfig({}));
  const { port } = await relay.ready;
  equal(await askBinding({ hostname: "127.0.0.1", port }), "127.0.0.1");
  await relay.close();
});

Deno.test("who answers with anything else, or not at all, is no STUN server", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  let heard = 0;
  void (async () => {
    for await (const [request, from] of socket) {
      heard++;
      await socket.send(Uint8Array.from(request), from);
    }
  })();
  const { port } = socket.addr as Deno.NetAddr;
  equal(await askBinding({ hostname: "127.0.0.1", port }, [20, 20]), undefined);
  equal(heard, 2);
  socket.close();
});
