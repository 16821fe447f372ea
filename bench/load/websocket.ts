/**
 * Loads a signaling server: clients in pairs, each pair in a room of its own, send each other
 * `{type,to,payload}` with a typical ICE candidate, and count what comes. Where the address ends in
 * `/peerjs` they speak PeerJS's protocol, which has no rooms.
 */
import type { Meter } from "./meter.ts";
import { type Order, runLoad } from "./run.ts";

const CANDIDATE =
  "candidate:842163049 1 udp 1677729535 203.0.113.77 46154 typ srflx raddr 192.168.1.20 rport 46154 generation 0 ufrag EsAw network-cost 999";

const order: Order = JSON.parse(Deno.args[0] ?? "");
const isPeerJs = order.url.endsWith("/peerjs");
const [type, receiver] = isPeerJs ? ["CANDIDATE", "dst"] : ["candidate", "to"];

/** Runs are numbered: a straggler of the warm-up counts nowhere. */
let run = 0;
let meter: Meter;

const clients: WebSocket[] = [];
for (let index = 0; index < order.clients; index++) {
  clients.push(await join(roomOf(index >> 1), nameOf(index)));
}

function nameOf(index: number): string {
  return `player${index}`;
}

/** Four letters without vowels, as people would read a room's code aloud. */
function roomOf(pair: number): string {
  const letters = "BCDFGHJKLM";
  return String(pair).padStart(4, "0").replace(/\d/g, (digit) => letters[Number(digit)] ?? "");
}

function join(room: string, from: string): Promise<WebSocket> {
  const query = isPeerJs ? `?key=peerjs&token=${from}&id=${from}` : "";
  const socket = new WebSocket(order.url + query);
  return new Promise((resolve, reject) => {
    socket.onopen = () => {
      if (!isPeerJs) socket.send(JSON.stringify({ type: "join", room, from }));
    };
    socket.onclose = ({ code, reason }) => reject(new Error(`Closed with ${code} ${reason}`));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "joined" || message.type === "OPEN") resolve(socket);
      if (/^error$/i.test(message.type)) reject(new Error(`${from} in ${room}: ${data}`));
      if (message.type !== type || message.payload.run !== run) return;
      meter.arrived(message.payload.number, message.payload.sentAt);
    };
  });
}

await runLoad(order, (now) => {
  run++;
  meter = now;
  return (number) => {
    const from = number % clients.length;
    const payload = {
      candidate: CANDIDATE,
      sdpMid: "0",
      sdpMLineIndex: 0,
      run,
      number,
      sentAt: performance.now(),
    };
    clients[from]?.send(JSON.stringify({ type, [receiver]: nameOf(from ^ 1), payload }));
  };
});

for (const socket of clients) socket.close();
