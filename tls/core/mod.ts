export { type PlaceLimits, Places } from "./places.ts";
export { type Speech, speechOf } from "./speech.ts";
