export { type Speech, speechOf } from "./speech.ts";
