/** The wire formats that are compared, each doing the same work in its own way. */
import { Buffer } from "node:buffer";
import NodeTurnChannel from "node-turn/lib/channelMessage.js";
import NodeTurnAddress from "node-turn/lib/address.js";
import NodeTurnMessage from "node-turn/lib/message.js";
import stun from "stun";
import { address, type Ip, parseIp, type TransportAddress } from "../turn/address.ts";
import {
  Attribute,
  CHANNEL_HEADER_LENGTH,
  channelNumberOf,
  dataLengthOf,
  decode,
  longTermKey,
  MessageWriter,
  Method,
  writeChannelHeader,
} from "../turn/stun/mod.ts";

const CLIENT = { ip: "192.0.2.1", port: 32_853 };
const ACCOUNT = { username: "tester", realm: "game", password: "correct horse" };
const TRANSACTION = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
const CHANNEL = 0x4001;
const DATA = Uint8Array.from({ length: 160 }, (_, i) => i);
const KEY = longTermKey("md5", ACCOUNT.username, ACCOUNT.realm, ACCOUNT.password);

/** What is done over and over; what each answers lets a test see that it is done rightly. */
export interface Codec {
  readonly name: string;
  /** Reads an unsigned Binding response; answers the client's port that it tells. */
  decode(message: Buffer): number;
  /** Writes a Binding response with USERNAME, signed by MESSAGE-INTEGRITY (SHA-1). */
  encode(): Uint8Array;
  /** ChannelData of 160 bytes; a package for STUN alone has none. */
  readonly channelData?: {
    /** Answers the data. */
    decode(frame: Buffer): Uint8Array;
    encode(): Uint8Array;
  };
}

const buffer = new Uint8Array(1_500);
const writer = new MessageWriter(buffer);
const mapped: TransportAddress = address(parseIp(CLIENT.ip) as Ip, CLIENT.port);

function frame(): Uint8Array {
  buffer.set(DATA, CHANNEL_HEADER_LENGTH);
  return buffer.subarray(0, writeChannelHeader(buffer, CHANNEL, DATA.length, false));
}

const hearth: Codec = {
  name: "hearth",
  decode(bytes) {
    const decoded = decode(bytes);
    return decoded.kind === "message" ? decoded.message.attributes.mappedAddress?.port ?? 0 : 0;
  },
  encode: () =>
    writer.start("success", Method.BINDING, TRANSACTION)
      .xorAddress(Attribute.XOR_MAPPED_ADDRESS, mapped)
      .text(Attribute.USERNAME, ACCOUNT.username)
      .integrity("sha1", KEY).finish(),
  channelData: {
    decode(frame) {
      const length = channelNumberOf(frame) === CHANNEL ? dataLengthOf(frame) ?? 0 : 0;
      return frame.subarray(CHANNEL_HEADER_LENGTH, CHANNEL_HEADER_LENGTH + length);
    },
    encode: frame,
  },
};

/** What is decoded: unsigned, since one of the packages verifies while it reads and others do not. */
export const RESPONSE = Buffer.from(
  writer.start("success", Method.BINDING, TRANSACTION)
    .xorAddress(Attribute.XOR_MAPPED_ADDRESS, mapped)
    .text(Attribute.USERNAME, ACCOUNT.username).finish(),
);
export const FRAME = Buffer.from(frame());

/** What its messages ask of the server that they belong to. */
const NODE_TURN_SERVER = { realm: ACCOUNT.realm, debugLevel: 6, debug() {} };

/** Its key comes from the password anew for each message, which is how it works. */
const nodeTurn: Codec = {
  name: "node-turn",
  decode(bytes) {
    const message = new NodeTurnMessage(NODE_TURN_SERVER, undefined);
    return message.read(bytes) ? message.getAttribute("xor-mapped-address").port : 0;
  },
  encode() {
    const message = new NodeTurnMessage(NODE_TURN_SERVER, undefined);
    message.class = 2;
    message.method = Method.BINDING;
    message.transactionID = Buffer.from(TRANSACTION).toString("hex");
    message.setUser(ACCOUNT);
    message.addAttribute("xor-mapped-address", new NodeTurnAddress(CLIENT.ip, CLIENT.port));
    message.addAttribute("username", ACCOUNT.username);
    message.addAttribute("message-integrity");
    return message.toBuffer();
  },
  channelData: {
    decode(frame) {
      const channel = new NodeTurnChannel();
      return channel.read(frame) ? channel.data : new Uint8Array();
    },
    encode: () => new NodeTurnChannel(CHANNEL, Buffer.from(DATA.buffer)).write(),
  },
};

const STUN_KEY = Buffer.from(KEY);

const npmStun: Codec = {
  name: "stun",
  decode: (bytes) => stun.decode(bytes).getXorAddress().port,
  encode() {
    const { STUN_BINDING_RESPONSE } = stun.constants;
    const message = stun.createMessage(STUN_BINDING_RESPONSE, Buffer.from(TRANSACTION));
    message.addXorAddress(CLIENT.ip, CLIENT.port);
    message.addUsername(ACCOUNT.username);
    message.addMessageIntegrity(STUN_KEY);
    return stun.encode(message);
  },
};

/** The first is what the others are divided by. */
export const CODECS: readonly Codec[] = [hearth, nodeTurn, npmStun];

/** Each kind of work, as a function of one codec that does it once. */
export const WORKS: readonly {
  readonly name: string;
  of(codec: Codec): (() => unknown) | undefined;
}[] = [
  { name: "STUN decode", of: (codec) => () => codec.decode(RESPONSE) },
  { name: "STUN encode, signed", of: (codec) => () => codec.encode() },
  {
    name: "ChannelData decode",
    of: ({ channelData }) => channelData && (() => channelData.decode(FRAME)),
  },
  {
    name: "ChannelData encode",
    of: ({ channelData }) => channelData && (() => channelData.encode()),
  },
];
