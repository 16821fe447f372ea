/** The server of PeerJS, from npm as it is. */
// @ts-types="./peer.d.ts"
import { PeerServer } from "peer";

PeerServer({
  host: "127.0.0.1",
  port: Number(Deno.args[0]),
  path: "/",
  concurrent_limit: 20_000,
});
