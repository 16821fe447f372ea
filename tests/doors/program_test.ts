/** The doors of the real program. */
import { equal } from "node:assert/strict";
import { MockPeer } from "../support/mock_peer.ts";
import { startServer } from "../support/server.ts";

Deno.test("the program has both doors, beside everything else", async () => {
  await using server = await startServer();
  const host = `127.0.0.1:${server.httpPort}`;
  const id = await (await fetch(`http://${host}/peerjs/peerjs/id`)).text();
  const peer = await MockPeer.connect(`ws://${host}/peerjs/peerjs?key=peerjs&id=${id}&token=t`);
  equal((await peer.next()).type, "OPEN");
  const provider = await MockPeer.connect(`ws://${host}/y-webrtc`);
  provider.send({ type: "ping" });
  equal((await provider.next()).type, "pong");
  const page = await fetch(`http://${host}/`);
  equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  await page.body?.cancel();
});
