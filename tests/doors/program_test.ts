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

Deno.test("the program's doors are where the options say, or closed", async () => {
  await using server = await startServer({
    env: {
      HEARTH_PEERJS_PATH: "/game",
      HEARTH_PEERJS_DISCOVERY: "on",
      HEARTH_Y_WEBRTC_PATH: "",
    },
  });
  const host = `127.0.0.1:${server.httpPort}`;
  const peer = await MockPeer.connect(`ws://${host}/game/peerjs?key=peerjs&id=here&token=t`);
  equal((await peer.next()).type, "OPEN");
  const listed = await fetch(`http://${host}/game/peerjs/peers`);
  equal(await listed.text(), '["here"]');
  for (const path of ["/peerjs/peerjs/id", "/y-webrtc"]) {
    const { status, body } = await fetch(`http://${host}${path}`);
    equal(status, 404);
    await body?.cancel();
  }
});
