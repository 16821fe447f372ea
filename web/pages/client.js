// client/environment.ts
function ownEnvironment() {
  const { RTCPeerConnection: Connection } = globalThis;
  return {
    now: () => performance.now(),
    unixSeconds: () => Date.now() / 1e3,
    random: () => Math.random(),
    after(ms, action) {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
    every(ms, action) {
      const timer = setInterval(action, ms);
      return () => clearInterval(timer);
    },
    socket: (url, protocols) => new WebSocket(url, protocols),
    connection: Connection && ((configuration) => new Connection(configuration)),
    onNetwork(action) {
      if (!("addEventListener" in globalThis)) return () => {
      };
      globalThis.addEventListener("online", action);
      return () => globalThis.removeEventListener("online", action);
    }
  };
}

// client/error.ts
var HearthError = class extends Error {
  code;
  name;
  constructor(code, message) {
    super(message), this.code = code, this.name = "HearthError";
  }
};

// client/core/frame.ts
var KINDS = [
  "text",
  "bytes",
  "ack",
  "loose-text",
  "loose-bytes"
];
var HEADER_BYTES = 5;
function encodeFrame({ kind, seq, data }) {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  bytes[0] = KINDS.indexOf(kind);
  new DataView(bytes.buffer).setUint32(1, seq);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}
function decodeFrame(bytes) {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === void 0 || bytes.length < HEADER_BYTES) return void 0;
  const seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  return {
    kind,
    seq,
    data: bytes.subarray(HEADER_BYTES)
  };
}

// client/core/life.ts
var FIRST_WAIT_MS = 500;
var LONGEST_WAIT_MS = 3e4;
function backoff(attempt, chance) {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return most * (0.5 + chance / 2);
}
function closed(life, bye) {
  if (life.kind === "ended") return life;
  if (bye && !bye.reconnect) return {
    kind: "ended",
    code: bye.code,
    message: bye.message
  };
  switch (life.kind) {
    case "entering":
      return {
        kind: "ended",
        code: "unreachable",
        message: "Cannot connect to the server."
      };
    case "online":
      return {
        kind: "away",
        attempt: 0,
        place: life.place
      };
    case "away":
      return {
        ...life,
        attempt: life.attempt + 1
      };
  }
}
function counted(life, seq) {
  return life.kind === "online" ? {
    kind: "online",
    place: {
      ...life.place,
      seq
    }
  } : life;
}

// client/core/negotiation.ts
function takes(description, standing) {
  const ready = !standing.makingOffer && (standing.signalingState === "stable" || standing.settingAnswer);
  return description.type !== "offer" || ready || standing.polite;
}
function compareGenerations(theirs, ours) {
  return theirs === ours ? "current" : theirs > ours ? "newer" : "stale";
}

// client/core/pacer.ts
var SHARE = 0.7;
var Pacer = class {
  #messagesPerSecond;
  #bytesPerSecond;
  #messages;
  #bytes;
  #at;
  constructor(limits, now) {
    this.#messagesPerSecond = SHARE * (limits.messagesPerSecond ?? Infinity);
    this.#bytesPerSecond = SHARE * (limits.relayBytesPerSecond ?? Infinity);
    [this.#messages, this.#bytes, this.#at] = [
      this.#messagesPerSecond,
      this.#bytesPerSecond,
      now
    ];
  }
  /** Whether a message of `bytes` may go now; one greater than a second's worth goes when full. */
  take(bytes, now) {
    const seconds = (now - this.#at) / 1e3;
    this.#at = now;
    const refill = (left, rate) => rate === Infinity ? Infinity : Math.min(rate, left + seconds * rate);
    this.#messages = refill(this.#messages, this.#messagesPerSecond);
    this.#bytes = refill(this.#bytes, this.#bytesPerSecond);
    if (this.#messages < 1 || this.#bytes < Math.min(bytes, this.#bytesPerSecond)) return false;
    this.#messages -= 1;
    this.#bytes -= bytes;
    return true;
  }
};

// client/core/path.ts
var FIRST_RETRY_MS = 1e4;
var LONGEST_RETRY_MS = 6e4;
function trying(attempt, now) {
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return {
    kind: "trying",
    attempt,
    retryAt: now + wait
  };
}
function pathOf(link) {
  return link.kind === "open" ? link.path : "server";
}
function observe(link, seen, now) {
  if (link.kind === "absent") return link;
  const open = seen.connectionState === "connected" && seen.channelState === "open";
  if (open) return link.kind === "open" ? link : {
    kind: "open",
    path: "direct"
  };
  return link.kind === "open" ? trying(0, now) : link;
}

// client/core/sequence.ts
var UNACKNOWLEDGED_BYTES = 1048576;
var RESEND_MS = 2e3;
var Sender = class {
  /** The frames from `#acknowledged + 1` on. */
  #kept = [];
  #acknowledged = 0;
  /** How many of the kept have gone out. */
  #sent = 0;
  #bytes = 0;
  #progressAt = 0;
  get bytes() {
    return this.#bytes;
  }
  /** Whether the message was taken; not where too much waits already. */
  push(kind, data) {
    if (this.#bytes + data.length > UNACKNOWLEDGED_BYTES) return false;
    const seq = this.#acknowledged + this.#kept.length + 1;
    this.#kept.push(encodeFrame({
      kind,
      seq,
      data
    }));
    this.#bytes += data.length;
    return true;
  }
  /** The next frame to go out, which stays until `sent`. */
  get next() {
    return this.#kept[this.#sent];
  }
  sent(now) {
    if (this.#sent === 0) this.#progressAt = now;
    this.#sent++;
  }
  acknowledge(seq, now) {
    const count = seq - this.#acknowledged;
    if (count <= 0 || count > this.#kept.length) return;
    for (const frame of this.#kept.splice(0, count)) this.#bytes -= frame.length - HEADER_BYTES;
    this.#acknowledged = seq;
    this.#sent = Math.max(0, this.#sent - count);
    this.#progressAt = now;
  }
  /** Everything that is not acknowledged goes again: the way has changed. */
  rewind() {
    this.#sent = 0;
  }
  /** The same where nothing was acknowledged for too long. */
  check(now) {
    if (this.#sent > 0 && now - this.#progressAt >= RESEND_MS) this.rewind();
  }
};
var Receiver = class {
  #last = 0;
  #owesAck = false;
  /** Whether this is the message that is waited for. */
  accept({ seq }) {
    this.#owesAck = true;
    if (seq !== this.#last + 1) return false;
    this.#last = seq;
    return true;
  }
  /** The acknowledgement that is owed, which stays so until `acknowledged`. */
  get ack() {
    return this.#owesAck ? encodeFrame({
      kind: "ack",
      seq: this.#last,
      data: new Uint8Array()
    }) : void 0;
  }
  acknowledged() {
    this.#owesAck = false;
  }
};

// client/emitter.ts
var Emitter = class {
  #listeners = /* @__PURE__ */ new Map();
  /** Calls `listener` at each `type` event until the returned function is called. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
  /** @internal A listener that throws is reported as uncaught and keeps nobody else from hearing. */
  emit(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// client/peer_connection.ts
var Wire = class {
  connection;
  generation;
  polite;
  events;
  /** Both sides make both channels, by these ids, so nothing has to be announced. */
  reliable;
  unreliable;
  #standing;
  #ignoring;
  #closed;
  /** Signals are carried out one after the other. */
  #work;
  constructor(connection, generation, polite, events) {
    this.connection = connection;
    this.generation = generation;
    this.polite = polite;
    this.events = events;
    this.#standing = {
      makingOffer: false,
      settingAnswer: false
    };
    this.#ignoring = false;
    this.#closed = false;
    this.#work = Promise.resolve();
    this.reliable = this.#channel("reliable", {
      negotiated: true,
      id: 0
    });
    const loose = {
      negotiated: true,
      id: 1,
      ordered: false,
      maxRetransmits: 0
    };
    this.unreliable = this.#channel("unreliable", loose);
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.#say({
        candidate: candidate.toJSON()
      });
    };
    connection.onconnectionstatechange = () => this.events.changed();
  }
  /** Carries out what the other side said. */
  receive(signal) {
    this.#work = this.#work.then(() => this.#carryOut(signal)).catch(() => {
    });
  }
  /** A new ICE session; where an offer of ours was perhaps lost, that offer again. */
  restart() {
    const { connection } = this;
    if (connection.signalingState === "have-local-offer" && connection.localDescription) {
      this.#say({
        description: connection.localDescription
      });
    } else connection.restartIce();
  }
  close() {
    this.#closed = true;
    this.connection.close();
  }
  #channel(label, options) {
    const channel = this.connection.createDataChannel(label, options);
    channel.binaryType = "arraybuffer";
    channel.onopen = channel.onclose = () => this.#closed || this.events.changed();
    channel.onmessage = ({ data }) => {
      if (!this.#closed && data instanceof ArrayBuffer) this.events.data(new Uint8Array(data));
    };
    return channel;
  }
  #say(signal) {
    if (!this.#closed) this.events.signal({
      generation: this.generation,
      ...signal
    });
  }
  async #offer() {
    try {
      this.#standing.makingOffer = true;
      await this.connection.setLocalDescription();
      const description = this.connection.localDescription;
      if (description) this.#say({
        description
      });
    } catch {
    } finally {
      this.#standing.makingOffer = false;
    }
  }
  async #carryOut(signal) {
    const { connection, polite } = this;
    if (this.#closed) return;
    if ("candidate" in signal) {
      return await connection.addIceCandidate(signal.candidate).catch((error) => {
        if (!this.#ignoring) throw error;
      });
    }
    const { description } = signal;
    const standing = {
      ...this.#standing,
      polite,
      signalingState: connection.signalingState
    };
    this.#ignoring = !takes(description, standing);
    if (this.#ignoring) return;
    this.#standing.settingAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.#standing.settingAnswer = false;
    }
    if (description.type !== "offer") return;
    await connection.setLocalDescription();
    const answer = connection.localDescription;
    if (answer) this.#say({
      description: answer
    });
  }
};

// client/peer.ts
var CHANNEL_BYTES = 262144;
var STATS_EVERY_MS = 1e3;
var Peer = class extends Emitter {
  id;
  name;
  #port;
  #polite;
  #sender = new Sender();
  #receiver = new Receiver();
  #wire;
  #link = {
    kind: "absent"
  };
  #stats = {
    rtt: void 0,
    loss: void 0
  };
  #measuredAt = -Infinity;
  #away;
  #gone = false;
  /** @internal */
  constructor(view, port) {
    super();
    [this.id, this.name, this.#polite] = [
      view.id,
      view.name,
      view.polite
    ];
    this.#away = view.away ?? false;
    this.#port = port;
    this.#connect(0);
  }
  /** How data goes now: between the players, through a TURN relay, or through the server's socket. */
  get path() {
    return pathOf(this.#link);
  }
  get stats() {
    return this.#stats;
  }
  get away() {
    return this.#away;
  }
  /** The RTCPeerConnection, for media; undefined without WebRTC. A new one after a lost channel. */
  get connection() {
    return this.#wire?.connection;
  }
  /** Bytes given to `send` that the peer has not acknowledged. */
  get bufferedAmount() {
    return this.#sender.bytes;
  }
  /**
   * Sends so that it comes once and in order. Throws a HearthError: `too-large`, `queue-full` where
   * 1 MiB waits already (try again when `bufferedAmount` is lower), `peer-gone`.
   */
  send(data) {
    const bytes = this.#checked(data);
    if (!this.#sender.push(typeof data === "string" ? "text" : "bytes", bytes)) {
      throw new HearthError("queue-full", `${UNACKNOWLEDGED_BYTES} bytes wait for ${this.id} already: send again when bufferedAmount is lower.`);
    }
    this.#flush();
  }
  /** Sends at most once, in any order. Answers false where it was dropped here at once. */
  sendUnreliable(data) {
    const kind = typeof data === "string" ? "loose-text" : "loose-bytes";
    const frame = encodeFrame({
      kind,
      seq: 0,
      data: this.#checked(data)
    });
    const channel = this.#wire?.unreliable;
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame);
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }
  /** @internal */
  signal(signal) {
    const ours = this.#wire?.generation;
    if (ours === void 0) return;
    const verdict = compareGenerations(signal.generation, ours);
    if (verdict === "newer") this.#connect(signal.generation);
    if (verdict !== "stale") this.#wire?.receive(signal);
  }
  /** @internal Data, by whichever way it came. */
  data(bytes) {
    const frame = decodeFrame(bytes);
    if (!frame || this.#gone) return;
    const { kind } = frame;
    if (kind === "ack") {
      this.#sender.acknowledge(frame.seq, this.#port.now());
      return this.#flush();
    }
    const reliable = kind === "text" || kind === "bytes";
    if (reliable && !this.#receiver.accept(frame)) return;
    const isText = kind === "text" || kind === "loose-text";
    const data = isText ? new TextDecoder().decode(frame.data) : frame.data.slice();
    this.emit("message", {
      data,
      reliable
    });
  }
  /** @internal Several times a second. */
  tick() {
    const now = this.#port.now();
    const onWire = this.#link.kind === "open";
    if (!onWire || this.#wire?.reliable.bufferedAmount === 0) this.#sender.check(now);
    const { ack } = this.#receiver;
    if (ack && this.#put(ack)) this.#receiver.acknowledged();
    this.#flush();
    if (this.#link.kind === "trying" && now >= this.#link.retryAt) {
      this.#link = trying(this.#link.attempt + 1, now);
      this.#wire?.restart();
    }
    if (onWire && now - this.#measuredAt >= STATS_EVERY_MS) void this.#measure(now);
  }
  /** @internal The network has changed, or the server asks for it. */
  restart() {
    this.#wire?.restart();
  }
  /** @internal */
  setAway(away) {
    this.#away = away;
    this.emit("away", away);
  }
  /** @internal */
  close() {
    this.#gone = true;
    this.#wire?.close();
  }
  #connect(generation) {
    this.#wire?.close();
    const connection = this.#port.connect();
    if (!connection) return;
    const wire = new Wire(connection, generation, this.#polite, {
      signal: (signal) => this.#port.signal(this.id, signal),
      changed: () => this.#observe(wire),
      data: (bytes) => this.data(bytes)
    });
    this.#wire = wire;
    this.#setLink(trying(0, this.#port.now()));
  }
  #observe(wire) {
    if (this.#gone || wire !== this.#wire) return;
    const { connection: { connectionState }, reliable: { readyState } } = wire;
    if (readyState === "closed") return this.#connect(wire.generation + 1);
    const before = this.#link;
    this.#setLink(observe(before, {
      connectionState,
      channelState: readyState
    }, this.#port.now()));
    if (connectionState === "failed") wire.restart();
  }
  #setLink(link) {
    const [before, path] = [
      this.#link,
      this.path
    ];
    this.#link = link;
    if (before.kind === "open" !== (link.kind === "open")) this.#sender.rewind();
    if (link.kind === "open" && before.kind !== "open") void this.#measure(this.#port.now());
    else if (this.path !== path) this.emit("path", this.path);
    this.#flush();
  }
  #checked(data) {
    if (this.#gone) throw new HearthError("peer-gone", `${this.id} has left the room.`);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const most = this.#port.maxDataBytes - HEADER_BYTES;
    if (bytes.length <= most) return bytes;
    throw new HearthError("too-large", `${bytes.length} bytes to ${this.id}: at most ${most} go.`);
  }
  #flush() {
    for (let next = this.#sender.next; next && this.#put(next); next = this.#sender.next) {
      this.#sender.sent(this.#port.now());
    }
  }
  #put(frame) {
    if (this.#gone) return false;
    const channel = this.#wire?.reliable;
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame);
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }
  /** Reads the candidate pair in use (W3C WebRTC Statistics §8.7 and 8.8). */
  async #measure(now) {
    this.#measuredAt = now;
    const wire = this.#wire;
    if (!wire) return;
    const reports = /* @__PURE__ */ new Map();
    (await wire.connection.getStats()).forEach((report) => reports.set(report["id"], report));
    if (this.#gone || wire !== this.#wire || this.#link.kind !== "open") return;
    const all = [
      ...reports.values()
    ];
    const transport = all.find(({ type }) => type === "transport");
    const pair = reports.get(transport?.["selectedCandidatePairId"]) ?? all.find((report) => report["type"] === "candidate-pair" && report["nominated"]);
    if (!pair) return;
    const relayed = [
      "localCandidateId",
      "remoteCandidateId"
    ].some((end) => reports.get(pair[end])?.["candidateType"] === "relay");
    const number = (value) => typeof value === "number" ? value : void 0;
    const [asked, answered] = [
      number(pair["requestsSent"]),
      number(pair["responsesReceived"])
    ];
    const loss = asked && answered !== void 0 ? Math.max(0, 1 - answered / asked) : void 0;
    this.#stats = {
      rtt: number(pair["currentRoundTripTime"]),
      loss
    };
    const path = relayed ? "relayed" : "direct";
    const changed = this.#link.path !== path || !this.#told;
    this.#link = {
      kind: "open",
      path
    };
    this.#told = true;
    if (changed) this.emit("path", path);
  }
  #told = false;
};

// client/socket.ts
var WAITING_MESSAGES = 256;
var PING_MS = 1e4;
var SILENCE_MS = 25e3;
var LOST = 4900;
var Socket = class {
  env;
  doorway;
  events;
  #life;
  #socket;
  #bye;
  #heardAt;
  #pingedAt;
  #waiting;
  #cancel;
  constructor(env, doorway, events) {
    this.env = env;
    this.doorway = doorway;
    this.events = events;
    this.#life = {
      kind: "entering"
    };
    this.#heardAt = 0;
    this.#pingedAt = 0;
    this.#waiting = [];
    this.#cancel = () => {
    };
    this.#open();
  }
  get online() {
    return this.#life.kind === "online";
  }
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }
  /** Sends, or keeps it until the place is taken back. */
  say(message) {
    const text = JSON.stringify(message);
    if (this.online) return this.#socket?.send(text);
    if (this.#waiting.push(text) > WAITING_MESSAGES) this.#waiting.shift();
  }
  relay(bytes) {
    this.#socket?.send(bytes);
  }
  /** Closes for good. */
  end(code, message) {
    if (this.#life.kind === "ended") return;
    this.#cancel();
    if (this.online) this.say({
      type: "leave"
    });
    this.#become({
      kind: "ended",
      code,
      message
    });
    this.#socket?.close();
  }
  /** Several times a second: finds out that a connection is dead. */
  tick() {
    const now = this.env.now();
    if (!this.online) return;
    if (now - this.#heardAt > SILENCE_MS) return this.#lost();
    if (now - this.#pingedAt < PING_MS) return;
    this.#pingedAt = now;
    this.say({
      type: "ping"
    });
  }
  #become(life) {
    this.#life = life;
    this.events.life(life);
  }
  #open() {
    const socket = this.env.socket(this.doorway.url, this.doorway.protocols);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#bye = void 0;
    const mine = (action) => () => {
      if (socket === this.#socket) action();
    };
    socket.onopen = mine(() => {
      const place = this.#life.kind === "away" ? this.#life.place : void 0;
      socket.send(JSON.stringify(place ? {
        type: "resume",
        ...place
      } : this.doorway.enter()));
    });
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || this.#life.kind === "ended") return;
      this.#heardAt = this.env.now();
      if (typeof data === "string") this.#text(JSON.parse(data));
      else this.#bytes(new Uint8Array(data));
    };
    socket.onclose = mine(() => this.#lost());
  }
  #lost() {
    const socket = this.#socket;
    this.#socket = void 0;
    socket?.close(LOST);
    const life = closed(this.#life, this.#bye);
    if (life === this.#life) return;
    this.#become(life);
    if (life.kind !== "away") return;
    const asked = (this.#bye?.retryAfter ?? 0) * 1e3;
    const wait = Math.max(asked, backoff(life.attempt, this.env.random()));
    this.#cancel = this.env.after(wait, () => this.#open());
  }
  #text(message) {
    if (message.type === "bye") this.#bye = message;
    if (message.type === "ping") return this.#socket?.send('{"type":"pong"}');
    if (message.type === "joined" || message.type === "resumed") {
      if (message.type === "joined") this.#waiting.length = 0;
      const place = {
        resume: message.resume,
        seq: message.seq ?? 0
      };
      this.#become({
        kind: "online",
        place
      });
    } else if (message.type === "error" && this.#life.kind === "away") {
      this.#life = {
        ...this.#life,
        place: void 0
      };
      this.#socket?.close();
    } else if (message.seq !== void 0) this.#life = counted(this.#life, message.seq);
    this.events.message(message);
    if (message.type === "joined" || message.type === "resumed") {
      for (const text of this.#waiting.splice(0)) this.#socket?.send(text);
    }
  }
  /** A 64-bit `seq`, the sender's id behind its length, the data. */
  #bytes(bytes) {
    const length = bytes[8] ?? 0;
    const seq = Number(new DataView(bytes.buffer).getBigUint64(0));
    this.#life = counted(this.#life, seq);
    const from = new TextDecoder().decode(bytes.subarray(9, 9 + length));
    this.events.data(from, bytes.subarray(9 + length));
  }
};

// client/room.ts
var TICK_MS = 50;
var RENEW_SECONDS = 60;
var RENEW_AGAIN_SECONDS = 10;
var SOCKET_BYTES = 262144;
var REQUESTS = 64;
var MAX_DATA_BYTES = 65536;
var ENVELOPE_BYTES = 140;
var Room = class _Room extends Emitter {
  #entry;
  #socket;
  #peers = /* @__PURE__ */ new Map();
  #requests = /* @__PURE__ */ new Map();
  #entering;
  #stops;
  #view;
  #pacer;
  #iceServers = [];
  #iceExpiresAt = 0;
  #askedAt = 0;
  #rid = 0;
  #maxDataBytes = MAX_DATA_BYTES;
  constructor(entry, entering) {
    super();
    this.#entry = entry;
    this.#entering = entering;
    const { env } = entry;
    this.#socket = new Socket(env, {
      ...entry.doorway,
      enter: () => this.#enter()
    }, {
      message: (message) => this.#message(message),
      data: (from, bytes) => this.#peers.get(from)?.data(bytes),
      life: (life) => this.#life(life)
    });
    this.#stops = [
      env.every(TICK_MS, () => this.#tick()),
      env.onNetwork(() => this.#restart())
    ];
  }
  /** @internal Resolves when the room is entered. */
  static enter(entry) {
    return new Promise((resolve, reject) => new _Room(entry, {
      resolve,
      reject
    }));
  }
  get code() {
    return this.#known.room;
  }
  /** This player's own id. */
  get self() {
    return this.#known.id;
  }
  get peers() {
    return this.#peers;
  }
  /** The host's id. */
  get host() {
    return this.#known.host.id;
  }
  get isHost() {
    return this.host === this.self;
  }
  get attributes() {
    return this.#known.attributes;
  }
  get access() {
    return this.#known.access;
  }
  /** Host only: nobody comes in any more, or only with the password. */
  lock(password) {
    return this.#request({
      type: "lock",
      ...password === void 0 ? {} : {
        password
      }
    });
  }
  unlock() {
    return this.#request({
      type: "unlock"
    });
  }
  kick(id) {
    return this.#request({
      type: "kick",
      to: id
    });
  }
  /** Host only: lists the room or hides it, and says what the lobby shows. */
  set(change) {
    return this.#request({
      type: "set",
      ...change
    });
  }
  /** Host only. */
  handOver(id) {
    return this.#request({
      type: "host",
      to: id
    });
  }
  leave() {
    this.#socket.end("left", "You have left the room.");
  }
  get #known() {
    if (!this.#view) throw new Error("A room is handed out only once it is entered");
    return this.#view;
  }
  #enter() {
    const view = this.#view;
    if (!view) return this.#entry.enter;
    const { name, password } = this.#entry.enter;
    const from = view.id.startsWith("@") ? void 0 : view.id;
    return {
      type: "join",
      room: view.room,
      from,
      name,
      password
    };
  }
  #request(message) {
    if (this.#requests.size >= REQUESTS) {
      const error = new HearthError("queue-full", `${REQUESTS} requests wait for an answer.`);
      return Promise.reject(error);
    }
    const rid = ++this.#rid;
    this.#socket.say({
      ...message,
      rid
    });
    return new Promise((resolve, reject) => this.#requests.set(rid, {
      resolve,
      reject
    }));
  }
  #message(message) {
    switch (message.type) {
      case "joined":
        return this.#joined(message);
      case "resumed":
        if ("peers" in message) this.#catchUp(message);
        this.#ice(message.iceServers, message.iceExpiresAt);
        this.emit("back", void 0);
        return this.#restart((peer) => peer.path === "server");
      case "peer-joined":
        return this.#add(message);
      case "peer-left":
        return this.#remove(message.id, message.reason);
      case "peer-away":
      case "peer-back":
        return this.#peers.get(message.id)?.setAway(message.type === "peer-away");
      case "host-changed":
        this.#view = {
          ...this.#known,
          host: message
        };
        return this.emit("host", message.id);
      case "room-changed": {
        const { access, attributes, public: listed } = message;
        const state = {
          access,
          attributes,
          public: listed
        };
        this.#view = {
          ...this.#known,
          ...state
        };
        return this.emit("changed", state);
      }
      case "ice":
        this.#ice(message.iceServers, message.iceExpiresAt);
        return message.restart ? this.#restart() : void 0;
      case "hearth-signal":
        return this.#peers.get(message.from)?.signal(message.payload);
      case "ack":
        this.#requests.get(message.rid)?.resolve();
        return void this.#requests.delete(message.rid);
      case "error": {
        const error = new HearthError(message.code, message.message);
        if (!this.#view) {
          this.#entering.reject(error);
          return this.#socket.end(message.code, message.message);
        }
        if (message.rid === void 0) return;
        this.#requests.get(message.rid)?.reject(error);
        return void this.#requests.delete(message.rid);
      }
    }
  }
  #joined(message) {
    const again = this.#view !== void 0;
    for (const id of [
      ...this.#peers.keys()
    ]) this.#remove(id, "lost");
    this.#refuseRequests("lost", "The connection was lost before the answer came.");
    this.#view = message;
    this.#pacer = new Pacer(message.limits, this.#entry.env.now());
    const most = message.limits.maxMessageBytes ?? Infinity;
    this.#maxDataBytes = Math.min(MAX_DATA_BYTES, most - ENVELOPE_BYTES);
    this.#ice(message.iceServers, message.iceExpiresAt);
    if (again) {
      this.emit("lost", {
        rejoined: true
      });
      this.emit("back", void 0);
    }
    for (const peer of message.peers) this.#add(peer);
    this.#entering.resolve(this);
  }
  /** Messages are lost: the state that came stands in for them. */
  #catchUp(message) {
    this.#view = message;
    const present = new Set(message.peers.map(({ id }) => id));
    for (const id of [
      ...this.#peers.keys()
    ]) if (!present.has(id)) this.#remove(id, "lost");
    for (const peer of message.peers) if (!this.#peers.has(peer.id)) this.#add(peer);
    this.#refuseRequests("lost", "The answer was lost with the connection.");
    this.emit("lost", {
      count: message.lost
    });
  }
  #add(view) {
    const { env, rtc } = this.#entry;
    const peer = new Peer(view, {
      now: () => env.now(),
      connect: () => rtc === false ? void 0 : env.connection?.({
        ...rtc,
        iceServers: this.#iceServers
      }),
      signal: (to, payload) => this.#socket.say({
        type: "hearth-signal",
        to,
        payload
      }),
      relay: (to, bytes) => this.#relay(to, bytes),
      maxDataBytes: this.#maxDataBytes
    });
    this.#peers.set(view.id, peer);
    this.emit("peer-joined", peer);
  }
  #remove(id, reason) {
    const peer = this.#peers.get(id);
    if (!peer) return;
    this.#peers.delete(id);
    peer.close();
    this.emit("peer-left", {
      peer,
      reason
    });
  }
  #relay(to, data) {
    const { online, bufferedAmount } = this.#socket;
    if (!online || bufferedAmount > SOCKET_BYTES) return false;
    if (!this.#pacer?.take(data.length, this.#entry.env.now())) return false;
    const id = new TextEncoder().encode(to);
    const bytes = new Uint8Array(1 + id.length + data.length);
    bytes[0] = id.length;
    bytes.set(id, 1);
    bytes.set(data, 1 + id.length);
    this.#socket.relay(bytes);
    return true;
  }
  #ice(iceServers, expiresAt) {
    [this.#iceServers, this.#iceExpiresAt] = [
      iceServers,
      expiresAt
    ];
    const { rtc } = this.#entry;
    if (rtc === false) return;
    for (const { connection } of this.#peers.values()) {
      connection?.setConfiguration({
        ...rtc,
        iceServers
      });
    }
  }
  #restart(which = () => true) {
    for (const peer of this.#peers.values()) if (which(peer)) peer.restart();
  }
  #tick() {
    this.#socket.tick();
    for (const peer of this.#peers.values()) peer.tick();
    const now = this.#entry.env.unixSeconds();
    if (!this.#socket.online || now < this.#iceExpiresAt - RENEW_SECONDS) return;
    if (now - this.#askedAt < RENEW_AGAIN_SECONDS) return;
    this.#askedAt = now;
    this.#socket.say({
      type: "ice"
    });
  }
  #life(life) {
    if (life.kind === "away" && life.attempt === 0) return this.emit("away", void 0);
    if (life.kind !== "ended") return;
    for (const stop of this.#stops) stop();
    for (const id of [
      ...this.#peers.keys()
    ]) this.#remove(id, "closed");
    this.#refuseRequests(life.code, life.message);
    this.#entering.reject(new HearthError(life.code, life.message));
    this.emit("closed", {
      code: life.code,
      message: life.message
    });
  }
  #refuseRequests(code, message) {
    for (const { reject } of this.#requests.values()) reject(new HearthError(code, message));
    this.#requests.clear();
  }
};

// client/mod.ts
async function connect(options = {}) {
  const base = options.url ?? import.meta.url;
  const token = options.login ? await logIn(base, options.login) : options.token;
  const url = new URL("/ws", base).href.replace(/^http/, "ws");
  const protocols = token === void 0 ? [] : [
    `hearth.token.${token}`
  ];
  const { name, rtc = {} } = options;
  const enter = ({ id, ...message }) => Room.enter({
    env: ownEnvironment(),
    doorway: {
      url,
      protocols
    },
    enter: {
      ...message,
      from: id,
      name
    },
    rtc
  });
  return {
    createRoom: (room = {}) => enter({
      type: "create",
      ...room
    }),
    join: (code, { create = false, ...room } = {}) => enter({
      type: "join",
      ...room,
      ...{
        room: code,
        create
      }
    })
  };
}
async function logIn(base, account) {
  const answer = await fetch(new URL("/api/login", base), {
    method: "POST",
    headers: {
      "content-type": "application/json"
    },
    body: JSON.stringify(account)
  });
  const { token, error } = await answer.json();
  if (answer.ok) return token;
  throw new HearthError(error.code, error.message);
}
export {
  Emitter,
  HearthError,
  Peer,
  Room,
  connect
};
