/** Hearth's client: rooms, and data between their players, in browsers, Deno and Node 22. */
import type { Connect } from "./api.ts";
import { ownEnvironment } from "./environment.ts";
import { openHearth } from "./hearth.ts";

export * from "./api.ts";

export const connect: Connect = (options = {}) =>
  openHearth(ownEnvironment(), { url: import.meta.url, ...options });
