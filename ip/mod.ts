/** Addresses of the Internet as text, for whoever counts or compares them. */
export { networkOf } from "./network.ts";
export { type PlaceLimits, Places } from "./places.ts";
