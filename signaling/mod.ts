/** Rooms and signaling over WebSocket. */
export type { ByeCode, ErrorCode, RefusalCode } from "./codes.ts";
export type { Authentication, IceReason, Player, SignalingEvent } from "./core/mod.ts";
export type { DoorOptions, DoorRoutes } from "./doors/mod.ts";
export { SUBPROTOCOL } from "./handshake.ts";
export type { SignalingLimits } from "./limits.ts";
export type { IceGrant, IceServer, ServerMessage } from "./messages.ts";
export { CODE_ALPHABET, PROTOCOL_VERSION } from "./protocol.ts";
export { createSignaling } from "./ws.ts";
export type { Signaling, SignalingOptions, SignalingSettings, SignalingStats } from "./ws.ts";
export { protocolTable } from "./table.ts";
