/** The client's decisions, without clock and I/O. */
export * from "./echo.ts";
export * from "./frame.ts";
export * from "./life.ts";
export * from "./loss.ts";
export * from "./negotiation.ts";
export * from "./pacer.ts";
export * from "./pair.ts";
export * from "./path.ts";
export * from "./protocol.ts";
export * from "./renewal.ts";
export * from "./sequence.ts";
