/** What the client needs of the place it runs in; a test gives another. */
import type { IceServer, RtcOptions } from "./api.ts";
import type { Description } from "./core/mod.ts";

/** As much of `RTCDataChannel` as is used. */
export interface DataChannel {
  binaryType: string;
  readonly readyState: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  onopen: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onmessage: ((event: { data: ArrayBuffer }) => unknown) | null;
}

/** As much of `RTCPeerConnection` as is used; a browser's own is one. */
export interface PeerConnection {
  readonly signalingState: string;
  readonly connectionState: string;
  readonly localDescription: Description | null;
  onnegotiationneeded: ((event: never) => unknown) | null;
  onicecandidate: ((event: { candidate: { toJSON(): unknown } | null }) => unknown) | null;
  onconnectionstatechange: ((event: never) => unknown) | null;
  createDataChannel(label: string, options: object): DataChannel;
  setLocalDescription(): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: unknown): Promise<void>;
  setConfiguration(configuration: Configuration): void;
  restartIce(): void;
  getStats(): Promise<{ forEach(visit: (report: Record<string, unknown>) => void): void }>;
  close(): void;
}

export interface Configuration extends RtcOptions {
  readonly iceServers: readonly IceServer[];
}

export interface Environment {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Unix seconds. */
  unixSeconds(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Answers the function that cancels. */
  after(ms: number, action: () => void): () => void;
  every(ms: number, action: () => void): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  socket(url: string, protocols: string[]): WebSocket;
  /** Undefined where there is no WebRTC, or where a policy forbids it. */
  connection(configuration: Configuration): PeerConnection | undefined;
  /** Calls `action` when the network has changed. */
  onNetwork(action: () => void): () => void;
}

/** The browser, Deno or Node this runs in. */
export function ownEnvironment(): Environment {
  return {
    now: () => performance.now(),
    unixSeconds: () => Date.now() / 1_000,
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
      const { RTCPeerConnection: Connection } = globalThis as {
        RTCPeerConnection?: new (configuration: Configuration) => PeerConnection;
      };
      try {
        return Connection && new Connection(configuration);
      } catch {
        return undefined;
      }
    },
    onNetwork(action) {
      if (!("addEventListener" in globalThis)) return () => {};
      globalThis.addEventListener("online", action);
      return () => globalThis.removeEventListener("online", action);
    },
  };
}
