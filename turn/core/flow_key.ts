import type { ClientAddress } from "../address.ts";
import type { FlowKey, Transport } from "./api.ts";

/** The most listeners whose flows can be told apart: 5 bits remain beside an IPv4 address and port. */
export const MAX_LISTENERS = 16;

/**
 * The key of a five-tuple: which listener (0–15), which transport, which client. A safe integer for
 * IPv4, so that a flow is looked up without making text.
 */
export function flowKey(
  listenerIndex: number,
  transport: Transport,
  client: ClientAddress,
): FlowKey {
  if (!(listenerIndex >= 0 && listenerIndex < MAX_LISTENERS)) {
    throw new RangeError(`Cannot make a flow key: listener ${listenerIndex} is not in 0–15`);
  }
  const door = 2 * listenerIndex + (transport === "tcp" ? 1 : 0);
  return typeof client.key === "number"
    ? door * 2 ** 48 + client.key
    : String.fromCharCode(door) + client.key;
}
