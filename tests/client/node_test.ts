import { deepEqual } from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { lacks, NODE_22 } from "../support/needs.ts";
import { startServer } from "../support/server.ts";

/** Answers each message in capitals, and leaves after the last. */
const SCRIPT = `
const [library, url] = process.argv.slice(1);
const { connect } = await import(library);
const room = await (await connect({ url, name: "Node" })).join("GAME", { create: true });
room.on("peer-joined", (peer) =>
  peer.on("message", ({ data, reliable }) => {
    if (!reliable) return;
    if (data === "bye") room.leave();
    else peer.send(data.toUpperCase());
  })
);
console.log("ready");
`;

Deno.test({
  name: "The built library runs in Node 22, and lets the process end when it has left",
  ignore: lacks("node22"),
  async fn() {
    await using server = await startServer();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const library = new URL("../../web/pages/client.js", import.meta.url).href;
    const node = new Deno.Command("npx", {
      args: [...NODE_22, "--input-type=module", "--eval", SCRIPT, library, url],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    deepEqual((await output.read()).value?.trim(), "ready");
    const room = await (await connect({ url })).join("GAME");
    const peer = [...room.peers.values()][0];
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) =>
      peer?.on("message", ({ data }) => {
        if (heard.push(data) === 3) resolve();
      })
    );
    for (const text of ["a", "b", "c"]) peer?.send(text);
    await all;
    deepEqual(heard, ["A", "B", "C"]);
    peer?.send("bye");
    deepEqual((await output.read()).done, true);
    deepEqual((await node.status).code, 0);
    room.leave();
  },
});
