/** Hearth's client: rooms, and data between their players, in browsers, Deno and Node 22. */
/** The client's decisions, without clock and I/O. */
/** How data between two clients is written, the same on a data channel and through the server. */
declare const KINDS: readonly ["text", "bytes", "ack", "loose-text", "loose-bytes"];
/** `text` and `bytes` are reliable and numbered; `ack` names the last number that came in order. */
export interface Frame { readonly kind: typeof KINDS[number];
    readonly seq: number;
    readonly data: Uint8Array<ArrayBuffer>;
}
/** One byte for the kind, four for the number. */
export declare const HEADER_BYTES = 5;
export declare function encodeFrame({ kind, seq, data }: Frame): Uint8Array<ArrayBuffer>;
/** Undefined for what no client of ours has written. */
export declare function decodeFrame(bytes: Uint8Array<ArrayBuffer>): Frame | undefined;
export {};
/** The life of the connection to the server. */
/** The place in the room: what `resume` needs. */
export interface Place { readonly resume: string;
    /** The last `seq` that came. */
    readonly seq: number;
}
export type Life = { readonly kind: "entering";
} | {
    readonly kind: "online";
    readonly place: Place;
}
/** Without a place the room is joined anew. */
 | {
    readonly kind: "away";
    readonly attempt: number;
    readonly place: Place | undefined;
} | {
    readonly kind: "ended";
    readonly code: string;
    readonly message: string;
};
export interface Bye { readonly code: string;
    readonly message: string;
    readonly reconnect: boolean;
    readonly retryAfter?: number;
}
/** How long to wait before the next try: doubled each time, and spread over its upper half. */
export declare function backoff(attempt: number, chance: number): number;
/** The socket has closed, after `bye` where one came. */
export declare function closed(life: Life, bye: Bye | undefined): Life;
/** A numbered message has come. */
export declare function counted(life: Life, seq: number): Life;
/** Perfect negotiation (W3C WebRTC §10.7): who yields when both sides offer at once. */
export interface Standing { readonly polite: boolean;
    /** An offer of ours is being made. */
    readonly makingOffer: boolean;
    /** An answer is being set, after which the state is stable. */
    readonly settingAnswer: boolean;
    readonly signalingState: string;
}
/** Whether to take a description from the other side. The impolite side ignores an offer in glare. */
export declare function takes(description: Description, standing: Standing): boolean;
export type GenerationVerdict = "current" | "newer" | "stale";
export declare function compareGenerations(theirs: number, ours: number): GenerationVerdict;
/** Keeps what goes through the server within the server's limits, so that it is not refused. */
export declare class Pacer { #private;
    constructor(limits: Limits, now: number);
    /** Whether a message of `bytes` may go now; one greater than a second's worth goes when full. */
    take(bytes: number, now: number): boolean;
}
/** Which way data goes to a peer, and when to try again for the better one. */
export type Path = "direct" | "relayed" | "server";
/** `since` and `retryAt` in milliseconds of the driver's clock. */
export type Link = 
/** There is no WebRTC here. */
{
    readonly kind: "absent";
} | {
    readonly kind: "trying";
    readonly attempt: number;
    readonly retryAt: number;
} | {
    readonly kind: "open";
    readonly path: "direct" | "relayed";
};
export declare function trying(attempt: number, now: number): Link;
export declare function pathOf(link: Link): Path;
/** The link after the state of ICE and of the reliable channel are known. */
export declare function observe(link: Link, seen: { readonly connectionState: string;
    readonly channelState: string;
}, now: number): Link;
/** What the client reads of the protocol (docs/protocol.md). The server is trusted to keep to it. */
/** As `RTCConfiguration.iceServers` has it (W3C WebRTC §4.2.4). */
export interface IceServer { readonly urls: string | string[];
    readonly username?: string;
    readonly credential?: string;
}
export type Attributes = Readonly<Record<string, string | number | boolean>>;
export interface PeerView { readonly id: string;
    readonly name?: string;
    readonly polite: boolean;
    readonly away?: true;
}
/** What everybody in a room knows of it. */
export interface RoomState { readonly access: "open" | "locked" | "password";
    readonly public: boolean;
    readonly attributes: Attributes;
}
interface Ice {
    readonly iceServers: readonly IceServer[];
    /** In Unix seconds. */
    readonly iceExpiresAt: number;
}
export interface RoomView extends RoomState, Ice { readonly room: string;
    readonly id: string;
    readonly peers: readonly PeerView[];
    readonly host: {
        readonly id: string;
        readonly term: number;
    };
}
/** `null` is no limit. */
export interface Limits { readonly maxMessageBytes: number | null;
    readonly messagesPerSecond: number | null;
    readonly relayBytesPerSecond: number | null;
    readonly idleSeconds: number | null;
}
type Rid = {
    readonly rid?: number;
};
export type ServerMessage = { readonly seq?: number;
} & (Rid & RoomView & {
    type: "joined";
    resume: string;
    limits: Limits;
} | Rid & Ice & {
    type: "resumed";
    resume: string;
    lost: 0;
} | PeerView & {
    type: "peer-joined";
} | {
    type: "peer-left";
    id: string;
    reason: string;
} | {
    type: "peer-away" | "peer-back";
    id: string;
} | {
    type: "host-changed";
    id: string;
    term: number;
} | RoomState & {
    type: "room-changed";
} | Rid & Ice & {
    type: "ice";
    restart?: boolean;
} | {
    type: "ack";
    rid: number;
} | Rid & {
    type: "error";
    code: string;
    message: string;
} | {
    type: "bye";
    code: string;
    message: string;
    reconnect: boolean;
    retryAfter?: number;
} | {
    type: "ping" | "pong";
} | {
    type: "hearth-signal";
    from: string;
    payload: Signal;
});
/** `resumed` after a loss carries the whole state of the room. */
export type LossyResume = RoomView & { type: "resumed";
    resume: string;
    seq: number;
    lost: number;
};
/** As `RTCSessionDescriptionInit` has it. */
export interface Description { readonly type: "offer" | "answer" | "pranswer" | "rollback";
    readonly sdp?: string;
}
/**
 * What two clients tell each other to connect. `generation` counts the RTCPeerConnections of the
 * pair, so that nothing meant for an old one reaches the new.
 */
export type Signal = { readonly generation: number;
} & ({
    readonly description: Description;
} | {
    readonly candidate: unknown;
});
export {};
/**
 * Reliable messages of one peer to another, whichever way they go. Each is numbered and kept until
 * it is acknowledged. When the way changes, what is not acknowledged goes again over the new one;
 * the receiver takes only the number it waits for, so nothing comes twice, late or out of order.
 */
/** What may wait for an acknowledgement before `push` refuses, in bytes. */
export declare const UNACKNOWLEDGED_BYTES = 1048576;
/** A message this long without progress goes again, in milliseconds. */
export declare const RESEND_MS = 2000;
export declare class Sender { #private;
    get bytes(): number;
    /** Whether the message was taken; not where too much waits already. */
    push(kind: "text" | "bytes", data: Uint8Array<ArrayBuffer>): boolean;
    /** The next frame to go out, which stays until `sent`. */
    get next(): Uint8Array<ArrayBuffer> | undefined;
    sent(now: number): void;
    acknowledge(seq: number, now: number): void;
    /** Everything that is not acknowledged goes again: the way has changed. */
    rewind(): void;
    /** The same where nothing was acknowledged for too long. */
    check(now: number): void;
}
export declare class Receiver { #private;
    /** Whether this is the message that is waited for. */
    accept({ seq }: Frame): boolean;
    /** The acknowledgement that is owed, which stays so until `acknowledged`. */
    get ack(): Uint8Array<ArrayBuffer> | undefined;
    acknowledged(): void;
}
/** What the client needs of the place it runs in; a test gives another. */
/** As much of `RTCDataChannel` as is used. */
export interface DataChannel { binaryType: string;
    readonly readyState: string;
    readonly bufferedAmount: number;
    send(data: Uint8Array<ArrayBuffer>): void;
    onopen: ((event: never) => unknown) | null;
    onclose: ((event: never) => unknown) | null;
    onmessage: ((event: {
        data: ArrayBuffer;
    }) => unknown) | null;
}
/** As much of `RTCPeerConnection` as is used; a browser's own is one. */
export interface PeerConnection { readonly signalingState: string;
    readonly connectionState: string;
    readonly localDescription: Description | null;
    onnegotiationneeded: ((event: never) => unknown) | null;
    onicecandidate: ((event: {
        candidate: {
            toJSON(): unknown;
        } | null;
    }) => unknown) | null;
    onconnectionstatechange: ((event: never) => unknown) | null;
    createDataChannel(label: string, options: object): DataChannel;
    setLocalDescription(): Promise<void>;
    setRemoteDescription(description: Description): Promise<void>;
    addIceCandidate(candidate: unknown): Promise<void>;
    setConfiguration(configuration: RtcOptions): void;
    restartIce(): void;
    getStats(): Promise<{
        forEach(visit: (report: Record<string, unknown>) => void): void;
    }>;
    close(): void;
}
/** `RTCConfiguration` without what the server gives. */
export interface RtcOptions { readonly iceServers?: readonly IceServer[];
    readonly iceTransportPolicy?: "all" | "relay";
}
export interface Environment { /** Milliseconds of a clock that never goes back. */ now(): number;
    /** Unix seconds. */
    unixSeconds(): number;
    /** From 0 up to 1. */
    random(): number;
    /** Answers the function that cancels. */
    after(ms: number, action: () => void): () => void;
    every(ms: number, action: () => void): () => void;
    socket(url: string, protocols: string[]): WebSocket;
    /** Absent where there is no WebRTC. */
    readonly connection: ((configuration: RtcOptions) => PeerConnection) | undefined;
    /** Calls `action` when the network has changed. */
    onNetwork(action: () => void): () => void;
}
/** The browser, Deno or Node this runs in. */
export declare function ownEnvironment(): Environment;
/** Typed events: `on` answers the function that ends it. */
export declare class Emitter<Events extends object> { #private;
    /** Calls `listener` at each `type` event until the returned function is called. */
    on<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): () => void;
    /** @internal A listener that throws is reported as uncaught and keeps nobody else from hearing. */
    emit<T extends keyof Events>(type: T, event: Events[T]): void;
}
/** A refusal with a stable `code`: the server's (docs/protocol.md) or one of the client's own. */
export declare class HearthError extends Error { readonly code: string;
    readonly name = "HearthError";
    constructor(code: string, message: string);
}
/** Another player of the room. */
export type Data = string | Uint8Array<ArrayBuffer>;
export interface PeerEvents { /** Data as it was sent. `reliable` tells by which of the two. */ message: { readonly data: Data;
        readonly reliable: boolean;
    };
    path: Path;
    /** Whether the peer's connection to the server is lost. */
    away: boolean;
}
/** Measured by the browser on a direct or relayed path. */
export interface PathStats { /** Seconds. */ readonly rtt: number | undefined;
    /** The part of ICE checks that were not answered, 0 to 1. */
    readonly loss: number | undefined;
}
/** What a peer needs of its room. */
export interface PeerPort { now(): number;
    connect(): PeerConnection | undefined;
    signal(to: string, signal: Signal): void;
    /** Whether the server's limits let it go now. */
    relay(to: string, bytes: Uint8Array<ArrayBuffer>): boolean;
    readonly maxDataBytes: number;
}
export declare class Peer extends Emitter<PeerEvents> { #private;
    readonly id: string;
    readonly name: string | undefined;
    /** @internal */
    constructor(view: PeerView, port: PeerPort);
    /** How data goes now: between the players, through a TURN relay, or through the server's socket. */
    get path(): Path;
    get stats(): PathStats;
    get away(): boolean;
    /** The RTCPeerConnection, for media; undefined without WebRTC. A new one after a lost channel. */
    get connection(): PeerConnection | undefined;
    /** Bytes given to `send` that the peer has not acknowledged. */
    get bufferedAmount(): number;
    /**
     * Sends so that it comes once and in order. Throws a HearthError: `too-large`, `queue-full` where
     * 1 MiB waits already (try again when `bufferedAmount` is lower), `peer-gone`.
     */
    send(data: Data): void;
    /** Sends at most once, in any order. Answers false where it was dropped here at once. */
    sendUnreliable(data: Data): boolean;
    /** @internal */
    signal(signal: Signal): void;
    /** @internal Data, by whichever way it came. */
    data(bytes: Uint8Array<ArrayBuffer>): void;
    /** @internal Several times a second. */
    tick(): void;
    /** @internal The network has changed, or the server asks for it. */
    restart(): void;
    /** @internal */
    setAway(away: boolean): void;
    /** @internal */
    close(): void;
}
/** A room, as long as this player is in it. */
export interface RoomEvents { "peer-joined": Peer;
    "peer-left": {
        readonly peer: Peer;
        readonly reason: string;
    };
    /** The id of the new host. */
    host: string;
    /** Access or attributes have changed. */
    changed: RoomState;
    /** The connection to the server is lost and is being opened again. Direct paths stay. */
    away: undefined;
    back: undefined;
    /**
     * Messages of the server are lost. `rejoined`: the place itself was lost, every peer has left and
     * joined anew, and what was on its way to them is lost too.
     */
    lost: {
        readonly count: number;
    } | {
        readonly rejoined: true;
    };
    /** Over, and will not come back by itself. */
    closed: {
        readonly code: string;
        readonly message: string;
    };
}
/** @internal */
export interface Entry { readonly env: Environment;
    readonly doorway: {
        readonly url: string;
        readonly protocols: string[];
    };
    /** The message that joins or creates. */
    readonly enter: Record<string, unknown>;
    readonly rtc: RtcOptions | false;
}
export declare class Room extends Emitter<RoomEvents> { #private;
    private constructor();
    /** @internal Resolves when the room is entered. */
    static enter(entry: Entry): Promise<Room>;
    get code(): string;
    /** This player's own id. */
    get self(): string;
    get peers(): ReadonlyMap<string, Peer>;
    /** The host's id. */
    get host(): string;
    get isHost(): boolean;
    get attributes(): Attributes;
    get access(): RoomState["access"];
    /** Host only: nobody comes in any more, or only with the password. */
    lock(password?: string): Promise<void>;
    unlock(): Promise<void>;
    kick(id: string): Promise<void>;
    /** Host only: lists the room or hides it, and says what the lobby shows. */
    set(change: {
        public?: boolean;
        attributes?: Attributes;
    }): Promise<void>;
    /** Host only. */
    handOver(id: string): Promise<void>;
    leave(): void;
}
export interface ConnectOptions { /** The server, like `https://play.example.org`; where this module was loaded from unless given. */
    readonly url?: string;
    /** What `POST /api/login` answered. */
    readonly token?: string;
    /** Logs in first. */
    readonly login?: {
        readonly login: string;
        readonly password: string;
    };
    /** What other players see. */
    readonly name?: string;
    /** Adds to each RTCPeerConnection's configuration; false sends all data through the server. */
    readonly rtc?: RtcOptions | false;
}
export interface JoinOptions { /** A guest's id; the server picks one unless given. */
    readonly id?: string;
    readonly password?: string;
    /** Makes the room where there is none. */
    readonly create?: boolean;
}
export interface CreateOptions { readonly id?: string;
    readonly password?: string;
    /** Shown in the list of rooms. */
    readonly public?: boolean;
    readonly attributes?: Attributes;
}
/** A server, and who one is there. Each room has a connection of its own. */
export interface Hearth { /** Makes a room under a code the server picks. Rejects with a HearthError. */ createRoom(options?: CreateOptions): Promise<Room>;
    /** Enters the room with this code. Rejects with a HearthError. */
    join(code: string, options?: JoinOptions): Promise<Room>;
}
/** Answers a client of the server. Logs in where `login` is given; rejects with a HearthError. */
export declare function connect(options?: ConnectOptions): Promise<Hearth>;
