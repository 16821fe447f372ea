// client/environment.ts
function ownEnvironment() {
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
    fetch: (url, init) => fetch(url, init),
    socket: (url, protocols) => new WebSocket(url, protocols),
    connection(configuration) {
      const { RTCPeerConnection: Connection } = globalThis;
      try {
        return Connection && new Connection(configuration);
      } catch {
        return void 0;
      }
    },
    onNetwork(action) {
      if (!("addEventListener" in globalThis)) return () => {
      };
      globalThis.addEventListener("online", action);
      return () => globalThis.removeEventListener("online", action);
    }
  };
}

// client/api.ts
var HearthError = class extends Error {
  code;
  name;
  constructor(code, message) {
    super(message), this.code = code, this.name = "HearthError";
  }
};

// client/core/echo.ts
var ASK_MS = 5e3;
var ANSWER_MS = 1e3;
var EchoMeter = class {
  #asked = 0;
  #askedAt = -Infinity;
  #answeredAt = -Infinity;
  #heard = false;
  /** Data has come. A pair that says nothing is not asked. */
  heard() {
    this.#heard = true;
  }
  /** The number of the question that is due. It stays due until `asked`. */
  due(now) {
    return this.#heard && now - this.#askedAt >= ASK_MS ? this.#asked + 1 : void 0;
  }
  asked(now) {
    this.#asked++;
    this.#askedAt = now;
    this.#heard = false;
  }
  /** Seconds since the question was asked; undefined for the answer to an earlier one. */
  answered(seq, now) {
    return seq === this.#asked ? (now - this.#askedAt) / 1e3 : void 0;
  }
  /** Whether a question that has come now gets its answer. */
  mayAnswer(now) {
    if (now - this.#answeredAt < ANSWER_MS) return false;
    this.#answeredAt = now;
    return true;
  }
};

// client/core/frame.ts
var KINDS = [
  "text",
  "bytes",
  "ack",
  "loose-text",
  "loose-bytes",
  "probe",
  "echo"
];
var HEADER_BYTES = 13;
function encodeFrame({ kind, seq, from, to, data }) {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KINDS.indexOf(kind));
  [
    seq,
    from,
    to
  ].forEach((number, index) => view.setUint32(1 + 4 * index, number));
  bytes.set(data, HEADER_BYTES);
  return bytes;
}
function decodeFrame(bytes) {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === void 0 || bytes.length < HEADER_BYTES) return void 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [seq, from, to] = [
    view.getUint32(1),
    view.getUint32(5),
    view.getUint32(9)
  ];
  return {
    kind,
    seq,
    from,
    to,
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
var LONGEST_PATIENCE_MS = 15e3;
var FIRST_PATIENCE_MS = 5e3;
function patience(life) {
  if (life.kind !== "away") return LONGEST_PATIENCE_MS;
  return Math.min(LONGEST_PATIENCE_MS, FIRST_PATIENCE_MS * (life.attempt + 1));
}
function closed(life, bye) {
  if (life.kind === "ended") return life;
  if (bye && !bye.reconnect) return {
    kind: "ended",
    code: bye.code,
    message: bye.message
  };
  switch (life.kind) {
    case "entering": {
      const { code, message } = bye ?? UNREACHABLE;
      return {
        kind: "ended",
        code,
        message
      };
    }
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
var UNREACHABLE = {
  code: "unreachable",
  message: "Cannot connect to the server."
};
var PASSING = /* @__PURE__ */ new Set([
  "id-taken",
  "no-such-room",
  "rate-limited",
  "room-full",
  "too-many-rooms"
]);
var BORNE_TRIES = 8;
function refused(life, error) {
  if (life.kind === "away") {
    if (error.code === "no-such-session") return {
      ...life,
      place: void 0
    };
    if (PASSING.has(error.code) && life.attempt < BORNE_TRIES) return life;
  }
  return {
    kind: "ended",
    code: error.code,
    message: error.message
  };
}
function counted(life, seq) {
  if (life.kind !== "online" || !life.place) return life;
  return {
    kind: "online",
    place: {
      ...life.place,
      seq
    }
  };
}

// client/core/loss.ts
var WINDOW = 100;
var LossMeter = class {
  #first = 1;
  #highest = 0;
  #came = 0;
  #loss;
  /** Of the last whole window, 0 to 1. */
  get loss() {
    return this.#loss;
  }
  count(seq) {
    this.#came++;
    this.#highest = Math.max(this.#highest, seq);
    const sent = this.#highest - this.#first + 1;
    if (sent < WINDOW) return;
    this.#loss = Math.max(0, 1 - this.#came / sent);
    [this.#first, this.#came] = [
      this.#highest + 1,
      0
    ];
  }
};

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
var SPARED = 0.2;
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
  take(bytes, now, isLoose = false) {
    const seconds = (now - this.#at) / 1e3;
    this.#at = now;
    const refill = (left, rate) => rate === Infinity ? Infinity : Math.min(rate, left + seconds * rate);
    this.#messages = refill(this.#messages, this.#messagesPerSecond);
    this.#bytes = refill(this.#bytes, this.#bytesPerSecond);
    if (this.#messages < 1 || this.#bytes < Math.min(bytes, this.#bytesPerSecond)) return false;
    const spared = isLoose ? SPARED * this.#messagesPerSecond : 0;
    if (this.#messages - 1 < spared) return false;
    this.#messages -= 1;
    this.#bytes -= bytes;
    return true;
  }
};

// client/core/pair.ts
var Pair = class {
  #ours;
  #theirs = 0;
  constructor(ours) {
    this.#ours = ours;
  }
  get ends() {
    return {
      from: this.#ours,
      to: this.#theirs
    };
  }
  /** `stranger`: the peer is another than it was. `misled`: it takes us for who we were. */
  judge({ from, to }) {
    if (to !== 0 && to !== this.#ours) return "misled";
    this.#theirs ||= from;
    return from === this.#theirs ? "known" : "stranger";
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
  const up = seen.connectionState === "connected" && seen.channelState === "open";
  if (up === (link.kind !== "trying")) return link;
  return up ? {
    kind: "connected"
  } : trying(0, now);
}
function measured(link, path) {
  return link.kind === "connected" || link.kind === "open" ? {
    kind: "open",
    path
  } : link;
}

// client/core/renewal.ts
var WORN = 0.85;
var LEAST_MS = 1e4;
function renewAt(expiresAt, unixNow, now) {
  return now + Math.max(LEAST_MS, WORN * (expiresAt - unixNow) * 1e3);
}

// client/core/sequence.ts
var UNACKNOWLEDGED_BYTES = 1048576;
var RESEND_MS = 2e3;
var Sender = class {
  /** The messages from `#acknowledged + 1` on. */
  #kept = [];
  #acknowledged = 0;
  /** How many of the kept have gone out. */
  #sent = 0;
  #bytes = 0;
  #progressAt = 0;
  get idle() {
    return this.#kept.length === 0;
  }
  get bytes() {
    return this.#bytes;
  }
  /** Whether the message was taken; not where too much waits already. */
  push(kind, data) {
    if (this.#bytes + data.length > UNACKNOWLEDGED_BYTES) return false;
    const seq = this.#acknowledged + this.#kept.length + 1;
    this.#kept.push({
      kind,
      seq,
      data
    });
    this.#bytes += data.length;
    return true;
  }
  /** The next message to go out, which stays until `sent`. */
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
    for (const { data } of this.#kept.splice(0, count)) this.#bytes -= data.length;
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
    return this.#owesAck ? {
      kind: "ack",
      seq: this.#last,
      data: new Uint8Array()
    } : void 0;
  }
  /** The peer has to hear from here, whatever came. */
  oweAck() {
    this.#owesAck = true;
  }
  acknowledged() {
    this.#owesAck = false;
  }
};

// client/socket.ts
var WAITING_MESSAGES = 256;
var DOUBT_MS = 5e3;
var PING_MS = 1e4;
var SILENCE_MS = 25e3;
var LOST = 4900;
var Socket = class {
  #env;
  #address;
  #events;
  #life = {
    kind: "entering"
  };
  #socket;
  #bye;
  /** The address's subprotocols have to be others than last time. */
  #refused = false;
  #heardAt = 0;
  #pingedAt = 0;
  /** Until it is heard again. */
  #doubtedAt = Infinity;
  /** Between two tries. */
  #pausing = false;
  #waiting = [];
  /** Ends the wait for an answer, or for the next try. */
  #cancel = () => {
  };
  constructor(env, address, events) {
    [this.#env, this.#address, this.#events] = [
      env,
      address,
      events
    ];
    void this.#open();
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
  /** To one peer: its id behind the length, the data. */
  relay(to, data) {
    const id = new TextEncoder().encode(to);
    const bytes = new Uint8Array(1 + id.length + data.length);
    bytes[0] = id.length;
    bytes.set(id, 1);
    bytes.set(data, 1 + id.length);
    this.#socket?.send(bytes);
  }
  /** Closes for good, which gives the place up. */
  end(code, message) {
    this.#finish({
      kind: "ended",
      code,
      message
    });
  }
  /** Another way by this server or this network is lost: is this one, too? */
  doubt() {
    if (!this.online || this.#doubtedAt < Infinity) return;
    this.#doubtedAt = this.#pingedAt = this.#env.now();
    this.say({
      type: "ping"
    });
  }
  /** What kept the last try from getting through may be over: the next one is due now. */
  networkChanged() {
    this.doubt();
    if (!this.#pausing) return;
    this.#cancel();
    void this.#open();
  }
  /** Every second: finds out that a connection is dead. */
  tick() {
    const now = this.#env.now();
    if (!this.online) return;
    if (now - this.#heardAt > SILENCE_MS || now - this.#doubtedAt > DOUBT_MS) return this.#lost();
    if (now - this.#pingedAt < PING_MS) return;
    this.#pingedAt = now;
    this.say({
      type: "ping"
    });
  }
  #become(life) {
    this.#life = life;
    this.#events.life(life);
  }
  #finish(ended) {
    if (this.#life.kind === "ended") return;
    this.#cancel();
    this.#pausing = false;
    const socket = this.#socket;
    this.#socket = void 0;
    this.#become(ended);
    socket?.close();
  }
  async #open() {
    const { url } = this.#address;
    this.#pausing = false;
    let late = false;
    this.#cancel = this.#env.after(patience(this.#life), () => {
      late = true;
      this.#lost();
    });
    const protocols = await this.#address.protocols(this.#refused).catch((error) => error);
    if (late || this.#life.kind === "ended") return;
    if (!Array.isArray(protocols)) return this.#cannotLogIn(protocols);
    this.#refused = false;
    this.#listen(this.#env.socket(url, protocols));
  }
  #listen(socket) {
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#bye = void 0;
    this.#doubtedAt = Infinity;
    socket.onopen = () => {
      if (socket === this.#socket) this.#greet();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heardAt = this.#env.now();
      this.#doubtedAt = Infinity;
      if (typeof data === "string") this.#text(JSON.parse(data));
      else this.#bytes(new Uint8Array(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }
  /** A login that only cannot be reached is tried again, as the server itself is. */
  #cannotLogIn(error) {
    if (!(error instanceof HearthError)) throw error;
    if (error.code === "unreachable") this.#lost();
    else this.#finish({
      kind: "ended",
      code: error.code,
      message: error.message
    });
  }
  #greet() {
    const place = this.#life.kind === "away" ? this.#life.place : void 0;
    const message = place ? {
      type: "resume",
      ...place
    } : this.#events.enter();
    this.#socket?.send(JSON.stringify(message));
  }
  #lost() {
    this.#cancel();
    this.#doubtedAt = Infinity;
    const socket = this.#socket;
    this.#socket = void 0;
    socket?.close(LOST);
    const life = closed(this.#life, this.#bye);
    if (life === this.#life) return;
    this.#become(life);
    if (life.kind !== "away") return;
    const asked = (this.#bye?.retryAfter ?? 0) * 1e3;
    const wait = Math.max(asked, backoff(life.attempt, this.#env.random()));
    this.#bye = void 0;
    this.#cancel = this.#env.after(wait, () => void this.#open());
    this.#pausing = true;
  }
  #text(message) {
    switch (message.type) {
      case "bye":
        this.#refused = message.code === "token-expired" && this.#life.kind === "online";
        this.#bye = this.#refused ? {
          ...message,
          reconnect: true
        } : message;
        return;
      case "ping":
        return this.#socket?.send('{"type":"pong"}');
      case "joined":
        this.#waiting.length = 0;
        return this.#welcome(message, {
          resume: message.resume,
          seq: message.seq ?? 0
        });
      case "resumed":
        return this.#welcome(message, {
          resume: message.resume,
          seq: message.seq
        });
      case "error":
        if (!this.online) return this.#refuse(message);
        break;
      case "list":
        if (!this.online) return this.#welcome(message, void 0);
    }
    if (message.seq !== void 0) this.#life = counted(this.#life, message.seq);
    this.#events.message(message);
  }
  #welcome(message, place) {
    this.#cancel();
    this.#become({
      kind: "online",
      place
    });
    this.#events.message(message);
    for (const text of this.#waiting.splice(0)) this.#socket?.send(text);
  }
  #refuse(error) {
    const had = this.#life.kind === "away" && this.#life.place !== void 0;
    const life = refused(this.#life, error);
    if (life.kind === "ended") return this.#finish(life);
    this.#life = life;
    if (had && life.kind === "away" && !life.place) this.#greet();
    else this.#lost();
  }
  /** A 64-bit `seq`, the sender's id behind its length, the data. */
  #bytes(bytes) {
    const length = bytes[8] ?? 0;
    const seq = Number(new DataView(bytes.buffer).getBigUint64(0));
    this.#life = counted(this.#life, seq);
    const from = new TextDecoder().decode(bytes.subarray(9, 9 + length));
    this.#events.data(from, bytes.subarray(9 + length));
  }
};

// client/lobby.ts
var PAGE = 100;
function openLobby(env, address, type, listener, ended) {
  const rooms = /* @__PURE__ */ new Map();
  let partial = true;
  const told = () => partial || listener(new Map(rooms));
  const ask = (more = {}) => socket.say({
    type: "list",
    limit: PAGE,
    ...more
  });
  const socket = new Socket(env, address, {
    enter() {
      rooms.clear();
      partial = true;
      return {
        type,
        limit: PAGE
      };
    },
    message(message) {
      switch (message.type) {
        case "list":
          for (const listing of message.rooms) rooms.set(listing.room, listing);
          partial = message.next !== void 0;
          return partial ? ask({
            after: message.next
          }) : told();
        case "rooms":
          for (const room of message.gone) rooms.delete(room);
          for (const listing of message.changed) rooms.set(listing.room, listing);
          if (!message.lost) return told();
          rooms.clear();
          partial = true;
          return ask();
        case "error":
          return socket.end(message.code, message.message);
      }
    },
    data() {
    },
    life(life) {
      if (life.kind !== "ended") return;
      for (const stop of stops) stop();
      if (life.code !== "left") ended(new HearthError(life.code, life.message));
    }
  });
  const stops = [
    env.every(1e3, () => socket.tick()),
    env.onNetwork(() => socket.networkChanged())
  ];
  return () => socket.end("left", "The list is not watched any more.");
}

// client/emitter.ts
var Emitter = class {
  #listeners = /* @__PURE__ */ new Map();
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
  /** A listener that throws is reported as uncaught and keeps nobody else from hearing. */
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

// client/ice.ts
var RENEW_AGAIN_MS = 1e4;
var Ice = class {
  #env;
  servers = [];
  #expiresAt = -Infinity;
  #renewAt = Infinity;
  constructor(env) {
    this.#env = env;
  }
  /** `expiresAt` in Unix seconds. Answers false for what is older than what is here already. */
  take(servers, expiresAt) {
    if (expiresAt < this.#expiresAt) return false;
    [this.servers, this.#expiresAt] = [
      servers,
      expiresAt
    ];
    this.#renewAt = renewAt(expiresAt, this.#env.unixSeconds(), this.#env.now());
    return true;
  }
  /** Whether to ask for others now; then not again for a while. */
  due() {
    const now = this.#env.now();
    if (now < this.#renewAt) return false;
    this.#renewAt = now + RENEW_AGAIN_MS;
    return true;
  }
};

// client/path_report.ts
async function readPath(connection) {
  const reports = /* @__PURE__ */ new Map();
  const stats = await connection.getStats().catch(() => void 0);
  stats?.forEach((report) => reports.set(report["id"], report));
  const all = [
    ...reports.values()
  ];
  const transport = all.find(({ type }) => type === "transport");
  const pair = reports.get(transport?.["selectedCandidatePairId"]) ?? all.find((report) => report["type"] === "candidate-pair" && report["nominated"]);
  if (!pair) return void 0;
  const relayed = [
    "localCandidateId",
    "remoteCandidateId"
  ].some((end) => reports.get(pair[end])?.["candidateType"] === "relay");
  const rtt = pair["currentRoundTripTime"];
  return {
    path: relayed ? "relayed" : "direct",
    rtt: typeof rtt === "number" ? rtt : void 0
  };
}

// client/wire.ts
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
  /** The other side has described itself. */
  #met;
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
    this.#met = false;
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
  /**
   * The first offer is the impolite side's alone: Chromium (156) cannot take one back whose data
   * channels stand behind media for one where they do not ("Failed to start SCTP transport").
   */
  async #offer() {
    if (this.polite && !this.#met) return;
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
    this.#met = true;
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
var RemotePeer = class extends Emitter {
  id;
  name;
  /** As the server told of it last. */
  view;
  #polite;
  #port;
  #pair;
  #sender = new Sender();
  #receiver = new Receiver();
  #loss = new LossMeter();
  #echo = new EchoMeter();
  #looseSent = 0;
  #wire;
  #link = {
    kind: "absent"
  };
  #rtt;
  #gone = false;
  constructor(view, port) {
    super();
    [this.id, this.name, this.#polite] = [
      view.id,
      view.name,
      view.polite
    ];
    [this.view, this.#port] = [
      view,
      port
    ];
    this.#pair = new Pair(port.stay);
    this.#connect(0);
  }
  get away() {
    return this.view.away ?? false;
  }
  get path() {
    return pathOf(this.#link);
  }
  get stats() {
    return {
      rtt: this.#rtt,
      loss: this.#loss.loss
    };
  }
  get connection() {
    return this.#wire?.connection;
  }
  get bufferedAmount() {
    return this.#sender.bytes;
  }
  /** An offer waits for its answer: it may have gone into a connection that was dead. */
  get isOffering() {
    return this.#wire?.connection.signalingState === "have-local-offer";
  }
  /** Whether `tick` has something to do. */
  get pending() {
    return !this.#sender.idle || this.#receiver.ack !== void 0;
  }
  send(data) {
    const bytes = this.#checked(data);
    if (!this.#sender.push(typeof data === "string" ? "text" : "bytes", bytes)) {
      throw new HearthError("queue-full", `${UNACKNOWLEDGED_BYTES} bytes wait for ${this.id} already: send again when bufferedAmount is lower.`);
    }
    this.#flush();
    this.#port.wake();
  }
  sendUnreliable(data) {
    const kind = typeof data === "string" ? "loose-text" : "loose-bytes";
    const message = {
      kind,
      seq: this.#looseSent + 1,
      data: this.#checked(data)
    };
    if (!this.#put(message, this.#wire?.unreliable)) return false;
    this.#looseSent++;
    return true;
  }
  signal(signal) {
    switch (this.#pair.judge(signal)) {
      case "stranger":
        return this.#port.replace().signal(signal);
      case "misled":
        return this.#introduce();
    }
    const ours = this.#wire?.generation;
    if (ours === void 0) return;
    const verdict = compareGenerations(signal.generation, ours);
    if (verdict === "newer") this.#connect(signal.generation);
    if (verdict !== "stale") this.#wire?.receive(signal);
  }
  /** Data, by whichever way it came. */
  data(bytes) {
    const frame = decodeFrame(bytes);
    if (!frame || this.#gone) return;
    switch (this.#pair.judge(frame)) {
      case "stranger":
        return this.#port.replace().data(bytes);
      case "misled":
        return this.#introduce();
    }
    switch (frame.kind) {
      case "ack":
        this.#sender.acknowledge(frame.seq, this.#port.now());
        return this.#flush();
      case "text":
      case "bytes":
        this.#port.wake();
        if (this.#receiver.accept(frame)) this.#deliver(frame, frame.kind === "text", true);
        return;
      case "loose-text":
      case "loose-bytes":
        this.#loss.count(frame.seq);
        return this.#deliver(frame, frame.kind === "loose-text", false);
      case "probe":
        return this.#answer(frame.seq);
      case "echo":
        if (this.#link.kind === "open") return;
        this.#rtt = this.#echo.answered(frame.seq, this.#port.now()) ?? this.#rtt;
        return;
    }
  }
  /** Soon after something was pending. */
  tick() {
    const onWire = this.#link.kind === "open";
    if (!onWire || this.#wire?.reliable.bufferedAmount === 0) {
      this.#sender.check(this.#port.now());
    }
    const { ack } = this.#receiver;
    if (ack && this.#put(ack, this.#wire?.reliable)) this.#receiver.acknowledged();
    this.#flush();
  }
  /** Every second. */
  check() {
    const now = this.#port.now();
    if (this.#link.kind === "trying" && now >= this.#link.retryAt) {
      this.#link = trying(this.#link.attempt + 1, now);
      this.#wire?.restart();
    }
    void this.#measure();
    if (this.#link.kind !== "open") this.#probe(now);
  }
  /** The network has changed, or the server asks for it. */
  restart() {
    this.#wire?.restart();
  }
  configure(configuration) {
    this.#wire?.connection.setConfiguration(configuration);
  }
  /** What the server tells of this peer now. */
  see(view) {
    const before = this.away;
    this.view = view;
    if (this.away !== before) this.emit("away", this.away);
  }
  close() {
    this.#gone = true;
    this.#wire?.close();
  }
  /** Lets the peer know who is here now: an acknowledgement names both ends. */
  #introduce() {
    this.#receiver.oweAck();
    this.#port.wake();
  }
  #probe(now) {
    const seq = this.#echo.due(now);
    const asks = seq && this.#put({
      kind: "probe",
      seq,
      data: new Uint8Array()
    }, void 0);
    if (asks) this.#echo.asked(now);
  }
  #answer(seq) {
    if (!this.#echo.mayAnswer(this.#port.now())) return;
    this.#put({
      kind: "echo",
      seq,
      data: new Uint8Array()
    }, void 0);
  }
  #deliver({ data }, isText, reliable) {
    this.#echo.heard();
    const own = isText ? new TextDecoder().decode(data) : data.slice();
    this.emit("message", {
      data: own,
      reliable
    });
  }
  #connect(generation) {
    this.#wire?.close();
    this.#wire = void 0;
    const connection = this.#port.connect();
    if (!connection) return this.#setLink({
      kind: "absent"
    });
    const wire = new Wire(connection, generation, this.#polite, {
      signal: (signal) => this.#port.signal(this.id, {
        ...this.#pair.ends,
        ...signal
      }),
      changed: () => this.#observe(wire),
      data: (bytes) => this.data(bytes)
    });
    this.#wire = wire;
    this.#setLink(trying(0, this.#port.now()));
    this.emit("connection", connection);
  }
  #observe(wire) {
    if (this.#gone || wire !== this.#wire) return;
    const { connection: { connectionState }, reliable: { readyState } } = wire;
    if (readyState === "closed") return this.#connect(wire.generation + 1);
    const seen = {
      connectionState,
      channelState: readyState
    };
    this.#setLink(observe(this.#link, seen, this.#port.now()));
    if (this.#link.kind === "connected") void this.#measure();
    if (connectionState === "failed") wire.restart();
  }
  #setLink(link) {
    const [before, path] = [
      this.#link,
      this.path
    ];
    this.#link = link;
    if (before.kind === "open" !== (link.kind === "open")) {
      this.#sender.rewind();
      this.#rtt = void 0;
    }
    if (before.kind === "open" && link.kind === "trying") this.#port.broken();
    if (this.path !== path) this.emit("path", this.path);
    this.#flush();
  }
  async #measure() {
    const wire = this.#wire;
    if (!wire || this.#link.kind === "trying") return;
    const report = await readPath(wire.connection);
    if (!report || this.#gone || wire !== this.#wire) return;
    this.#setLink(measured(this.#link, report.path));
    if (this.#link.kind === "open") this.#rtt = report.rtt;
  }
  #checked(data) {
    if (this.#gone) throw new HearthError("peer-gone", `${this.id} has left the room.`);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const most = this.#port.maxDataBytes - HEADER_BYTES;
    if (bytes.length <= most) return bytes;
    throw new HearthError("too-large", `${bytes.length} bytes to ${this.id}: at most ${most} go.`);
  }
  #flush() {
    const { reliable } = this.#wire ?? {};
    for (let next; (next = this.#sender.next) && this.#put(next, reliable); ) {
      this.#sender.sent(this.#port.now());
    }
  }
  /** Sends by this channel where the link is open, by the server otherwise. */
  #put(message, channel) {
    if (this.#gone) return false;
    const frame = encodeFrame({
      ...message,
      ...this.#pair.ends
    });
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame, message.kind.startsWith("loose"));
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }
};

// client/peers.ts
var TICK_MS = 50;
var Peers = class {
  #port;
  #byId = /* @__PURE__ */ new Map();
  #waking;
  #stay = 0;
  #maxDataBytes = 0;
  constructor(port) {
    this.#port = port;
  }
  get byId() {
    return this.#byId;
  }
  /** How peers are met from now on: `stay` names this stay in the room. */
  enter(stay, maxDataBytes) {
    [this.#stay, this.#maxDataBytes] = [
      stay,
      maxDataBytes
    ];
  }
  get(id) {
    return this.#byId.get(id);
  }
  add(view) {
    const { env, rtc, signal, relay, broken, iceServers } = this.#port;
    const peer = new RemotePeer(view, {
      now: () => env.now(),
      connect: () => rtc === false ? void 0 : env.connection({
        ...rtc,
        iceServers: iceServers()
      }),
      signal,
      relay,
      broken,
      wake: () => this.#wake(),
      replace: () => {
        this.remove(view.id, "lost");
        return this.add(peer.view);
      },
      stay: this.#stay,
      maxDataBytes: this.#maxDataBytes
    });
    this.#byId.set(view.id, peer);
    this.#port.joined(peer);
    return peer;
  }
  remove(id, reason) {
    const peer = this.#byId.get(id);
    if (!peer) return;
    this.#byId.delete(id);
    peer.close();
    this.#port.left(peer, reason);
  }
  /** Those whom `which` names, or all. */
  removeAll(reason, which = () => true) {
    for (const id of [
      ...this.#byId.keys()
    ]) if (which(id)) this.remove(id, reason);
  }
  /** What is known of a peer now, whether it was there before or not. */
  see(view) {
    const peer = this.#byId.get(view.id);
    if (peer) peer.see(view);
    else this.add(view);
  }
  /** The ICE servers are others. */
  configure() {
    const { rtc, iceServers } = this.#port;
    if (rtc === false) return;
    for (const peer of this.#byId.values()) peer.configure({
      ...rtc,
      iceServers: iceServers()
    });
  }
  restart(which = () => true) {
    for (const peer of this.#byId.values()) if (which(peer)) peer.restart();
  }
  /** Call it every second. */
  check() {
    for (const peer of this.#byId.values()) peer.check();
  }
  close() {
    this.#waking?.();
    this.removeAll("closed");
  }
  #wake() {
    this.#waking ??= this.#port.env.after(TICK_MS, () => {
      this.#waking = void 0;
      for (const peer of this.#byId.values()) peer.tick();
      if ([
        ...this.#byId.values()
      ].some(({ pending }) => pending)) this.#wake();
    });
  }
};

// client/requests.ts
var WAITING = 64;
var Requests = class {
  #waiting = /* @__PURE__ */ new Map();
  #rid = 0;
  /** Says `message` with a number of its own. Resolves or rejects as the server answers. */
  ask(message, say) {
    if (this.#waiting.size >= WAITING) {
      const error = new HearthError("queue-full", `${WAITING} requests wait for an answer.`);
      return Promise.reject(error);
    }
    const rid = ++this.#rid;
    say({
      ...message,
      rid
    });
    return new Promise((resolve, reject) => this.#waiting.set(rid, {
      resolve,
      reject
    }));
  }
  /** Settles one: refused where there is an error. */
  answer(rid, error) {
    if (rid === void 0) return;
    const request = this.#waiting.get(rid);
    this.#waiting.delete(rid);
    if (error) request?.reject(error);
    else request?.resolve();
  }
  refuseAll(code, message) {
    for (const { reject } of this.#waiting.values()) reject(new HearthError(code, message));
    this.#waiting.clear();
  }
};

// client/room.ts
var CHECK_MS = 1e3;
var SOCKET_BYTES = 262144;
var MAX_DATA_BYTES = 65536;
var ENVELOPE_BYTES = 140;
var EnteredRoom = class _EnteredRoom extends Emitter {
  #entry;
  #socket;
  #peers;
  #requests = new Requests();
  #entering;
  #stops;
  #view;
  #pacer;
  #password;
  #ice;
  constructor(entry, entering) {
    super();
    this.#entry = entry;
    this.#entering = entering;
    this.#password = entry.enter.password;
    this.#ice = new Ice(entry.env);
    const { env } = entry;
    this.#socket = new Socket(env, entry.address, {
      enter: () => this.#enter(),
      message: (message) => this.#message(message),
      data: (from, bytes) => this.#peers.get(from)?.data(bytes),
      life: (life) => this.#life(life)
    });
    this.#peers = new Peers({
      env,
      rtc: entry.rtc,
      iceServers: () => this.#ice.servers,
      signal: (to, payload) => this.#socket.say({
        type: "hearth-signal",
        to,
        payload
      }),
      relay: (to, bytes, isLoose) => this.#relay(to, bytes, isLoose),
      broken: () => this.#socket.doubt(),
      joined: (peer) => this.emit("peer-joined", peer),
      left: (peer, reason) => this.emit("peer-left", {
        peer,
        reason
      })
    });
    this.#stops = [
      env.every(CHECK_MS, () => this.#check()),
      env.onNetwork(() => {
        this.#socket.networkChanged();
        this.#peers.restart();
      })
    ];
  }
  /** Resolves when the room is entered. */
  static enter(entry) {
    return new Promise((resolve, reject) => new _EnteredRoom(entry, {
      resolve,
      reject
    }));
  }
  get code() {
    return this.#known.room;
  }
  get self() {
    return this.#known.id;
  }
  get peers() {
    return this.#peers.byId;
  }
  get host() {
    return this.#known.host.id;
  }
  get term() {
    return this.#known.host.term;
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
  async lock(password) {
    await this.#ask({
      type: "lock",
      password
    });
    this.#password = password ?? this.#password;
  }
  unlock() {
    return this.#ask({
      type: "unlock"
    });
  }
  kick(id) {
    return this.#ask({
      type: "kick",
      to: id
    });
  }
  set(change) {
    return this.#ask({
      type: "set",
      ...change
    });
  }
  handOver(id) {
    return this.#ask({
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
  #ask(message) {
    return this.#requests.ask(message, (numbered) => this.#socket.say(numbered));
  }
  #enter() {
    const view = this.#view;
    const { enter } = this.#entry;
    if (!view) return enter;
    const from = view.id.startsWith("@") ? void 0 : view.id;
    const create = enter.create ?? enter.type === "create";
    const { name } = enter;
    return {
      type: "join",
      room: view.room,
      from,
      name,
      password: this.#password,
      create
    };
  }
  #message(message) {
    switch (message.type) {
      case "joined":
        return this.#joined(message);
      case "resumed":
        this.#setIce(message);
        if ("peers" in message) this.#catchUp(message);
        this.emit("back", void 0);
        return this.#peers.restart((peer) => peer.path === "server" || peer.isOffering);
      case "peer-joined":
        return void this.#peers.add(message);
      case "peer-left":
        return this.#peers.remove(message.id, message.reason);
      case "peer-away":
      case "peer-back": {
        const peer = this.#peers.get(message.id);
        return peer?.see({
          ...peer.view,
          away: message.type === "peer-away"
        });
      }
      case "host-changed":
        return this.#know({
          ...this.#known,
          host: message
        });
      case "room-changed": {
        const { access, attributes, public: listed } = message;
        return this.#know({
          ...this.#known,
          access,
          attributes,
          public: listed
        });
      }
      case "ice":
        this.#setIce(message);
        return message.restart ? this.#peers.restart() : void 0;
      case "hearth-signal":
        return this.#peers.get(message.from)?.signal(message.payload);
      case "ack":
        return this.#requests.answer(message.rid);
      case "error":
        return this.#requests.answer(message.rid, new HearthError(message.code, message.message));
    }
  }
  #joined(message) {
    const { env } = this.#entry;
    const before = this.#view;
    this.#peers.removeAll("lost");
    this.#requests.refuseAll("lost", "The connection was lost before the answer came.");
    this.#view = message;
    this.#pacer = new Pacer(message.limits, env.now());
    const most = message.limits.maxMessageBytes ?? Infinity;
    const stay = 1 + Math.floor(env.random() * (2 ** 32 - 1));
    this.#peers.enter(stay, Math.min(MAX_DATA_BYTES, most - ENVELOPE_BYTES));
    this.#setIce(message);
    if (before) {
      this.emit("lost", {
        rejoined: true
      });
      this.#restore(before);
      this.emit("back", void 0);
    }
    for (const peer of message.peers) this.#peers.add(peer);
    this.#entering.resolve(this);
  }
  /** A room that the server had forgotten gets back what the lobby showed of it. */
  #restore({ public: listed, attributes }) {
    if (!this.isHost || this.#known.peers.length > 0) return;
    if (!listed && Object.keys(attributes).length === 0) return;
    this.set({
      public: listed,
      attributes
    }).catch(() => {
    });
  }
  /** Messages are lost: the state that came stands in for them. */
  #catchUp(message) {
    const present = new Set(message.peers.map(({ id }) => id));
    this.#peers.removeAll("lost", (id) => !present.has(id));
    this.#requests.refuseAll("lost", "The answer was lost with the connection.");
    this.emit("lost", {
      count: message.lost
    });
    this.#know(message);
    for (const view of message.peers) this.#peers.see(view);
  }
  #know(view) {
    const before = this.#known;
    this.#view = view;
    if (view.host.id !== before.host.id) this.emit("host", view.host.id);
    const [old, state] = [
      stateOf(before),
      stateOf(view)
    ];
    if (JSON.stringify(state) !== JSON.stringify(old)) this.emit("changed", state);
  }
  #relay(to, data, isLoose) {
    const { online, bufferedAmount } = this.#socket;
    if (!online || bufferedAmount > SOCKET_BYTES) return false;
    if (!this.#pacer?.take(data.length, this.#entry.env.now(), isLoose)) return false;
    this.#socket.relay(to, data);
    return true;
  }
  #setIce({ iceServers, iceExpiresAt }) {
    if (this.#ice.take(iceServers, iceExpiresAt)) this.#peers.configure();
  }
  #check() {
    this.#socket.tick();
    this.#peers.check();
    if (this.#socket.online && this.#ice.due()) this.#socket.say({
      type: "ice"
    });
  }
  #life(life) {
    if (life.kind === "away" && life.attempt === 0) return this.emit("away", void 0);
    if (life.kind !== "ended") return;
    for (const stop of this.#stops) stop();
    this.#peers.close();
    this.#requests.refuseAll(life.code, life.message);
    this.#entering.reject(new HearthError(life.code, life.message));
    this.emit("closed", {
      code: life.code,
      message: life.message
    });
  }
};
function stateOf({ access, attributes, public: listed }) {
  return {
    access,
    attributes,
    public: listed
  };
}

// client/session.ts
var WORN2 = 0.9;
var FINAL = /* @__PURE__ */ new Set([
  401,
  403
]);
var Session = class _Session {
  #env;
  #base;
  #answer;
  #wornAt;
  #turning;
  constructor(env, base, answer) {
    [this.#env, this.#base, this.#answer] = [
      env,
      base,
      answer
    ];
    this.#wornAt = env.now() + WORN2 * answer.expiresIn * 1e3;
  }
  /** Rejects with a HearthError. */
  static async logIn(env, base, account) {
    const { status, body } = await post(env, new URL("/api/login", base), account);
    if (status !== 200) throw new HearthError(body.error.code, body.error.message);
    return new _Session(env, base, body);
  }
  /** A token that holds; another than the last where that was `refused`. */
  async token(refused2) {
    if (refused2 || this.#env.now() >= this.#wornAt) {
      this.#turning ??= this.#turn().finally(() => this.#turning = void 0);
      await this.#turning;
    }
    return this.#answer.token;
  }
  async #turn() {
    const { refreshToken } = this.#answer;
    const { status, body } = await post(this.#env, new URL("/api/refresh", this.#base), {
      refreshToken
    });
    if (status !== 200) {
      const { code, message } = body.error;
      throw new HearthError(FINAL.has(status) ? code : "unreachable", message);
    }
    this.#answer = body;
    this.#wornAt = this.#env.now() + WORN2 * body.expiresIn * 1e3;
  }
};
async function post(env, url, body) {
  try {
    const answer = await env.fetch(url.href, {
      method: "POST",
      headers: {
        "content-type": "application/json"
      },
      body: JSON.stringify(body)
    });
    return {
      status: answer.status,
      body: await answer.json()
    };
  } catch {
    throw new HearthError("unreachable", `Cannot reach ${url.origin}, or its answer is no JSON.`);
  }
}

// client/hearth.ts
async function openHearth(env, options) {
  const { name, rtc = {} } = options;
  const token = await tokenSource(env, options);
  const address = {
    url: new URL("/ws", options.url).href.replace(/^http/, "ws"),
    protocols: async (refused2) => token ? [
      `hearth.token.${await token(refused2)}`
    ] : []
  };
  const enter = ({ id, ...message }) => EnteredRoom.enter({
    env,
    address,
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
    }),
    rooms: () => new Promise((resolve, reject) => {
      const close = openLobby(env, address, "list", (rooms) => {
        close();
        resolve([
          ...rooms.values()
        ]);
      }, reject);
    }),
    watchRooms: (listener, ended = () => {
    }) => openLobby(env, address, "watch", listener, ended)
  };
}
async function tokenSource(env, { url, login, token }) {
  if (login) {
    const session = await Session.logIn(env, url, login);
    return (refused2) => session.token(refused2);
  }
  if (token === void 0) return void 0;
  return typeof token === "function" ? token : () => token;
}

// client/mod.ts
var connect = (options = {}) => openHearth(ownEnvironment(), {
  url: import.meta.url,
  ...options
});
export {
  HearthError,
  connect
};
