/** The wire format of STUN and TURN: RFC 8489 and RFC 8656, without clock and sockets. */
export * from "./attributes.ts";
export * from "./channel_data.ts";
export { decode, type Decoded } from "./decode.ts";
export { type FrameFault, FrameReader } from "./frame_reader.ts";
export { fingerprint, mac, MAC_LENGTH, type MacAlgorithm, verifyMac } from "./integrity.ts";
export { longTermKey, opaqueString, userhash } from "./long_term_key.ts";
export { type MessageClass, messageType, Method, type StunMessage } from "./message.ts";
export { MessageWriter } from "./message_writer.ts";
export { WIRE_FAMILY } from "./xor_address.ts";
