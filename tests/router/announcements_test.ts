import { equal } from "node:assert/strict";
import { isAnnouncement } from "../../router/core/mod.ts";
import { listenForAnnouncements } from "../../router/io/mod.ts";
import { fromHex as hex } from "../support/hex.ts";
import { freePort } from "../../bench/process.ts";

/** RFC 6886 §3.2.1: an answer to a request for the external address, which nobody has made. */
const NAT_PMP = hex("00800000 00000001 c6336407");
/** RFC 6887 §14.1: an answer to ANNOUNCE. */
const PCP = hex("02800000 00000000 00000001 000000000000000000000000");

Deno.test("announcements are told from everything else that may come there", () => {
  equal(isAnnouncement(NAT_PMP), true);
  equal(isAnnouncement(PCP), true);
  const others = ["", "00", "0000", "02000000", "0081000000000001c6336407", "0180", "02800000"];
  for (const other of others) equal(isAnnouncement(hex(other)), false, other);
  equal(isAnnouncement(PCP.subarray(0, 23)), false);
  equal(isAnnouncement(NAT_PMP.subarray(0, 11)), false);
});

Deno.test("who announces is heard, although another program listens there too", async () => {
  const port = freePort();
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const stops = [first, second].map(({ resolve }) => listenForAnnouncements(port, resolve));
  const router = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  for (const bytes of [hex("0000"), PCP]) {
    await router.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
  }
  equal(await Promise.race([first.promise, second.promise]), "127.0.0.1");
  router.close();
  for (const stop of stops) stop();
});
