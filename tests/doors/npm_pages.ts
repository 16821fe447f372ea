/** A site whose pages use packages from npm unchanged, as a game on another host would. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

export interface NpmSite extends AsyncDisposable {
  readonly url: string;
}

/** Deno has unpacked each package into its cache. */
const peerjs = new URL("./peerjs.min.js", import.meta.resolve("peerjs"));
const yWebrtc = import.meta.resolve("y-webrtc");
const fromYWebrtc = createRequire(yWebrtc);
const folderOf = (file: string) => pathToFileURL(`${dirname(fromYWebrtc.resolve(file))}/`);

/** Packages of ES modules by name: where they lie. */
const folders = new Map([
  ["y-webrtc", new URL("../", yWebrtc)],
  ["yjs", new URL("../", import.meta.resolve("yjs"))],
  ["lib0", folderOf("lib0/package.json")],
  ["y-protocols", new URL("../", folderOf("y-protocols/sync"))],
]);

const importMap = {
  imports: {
    "yjs": "/npm/yjs/dist/yjs.mjs",
    "y-webrtc": "/npm/y-webrtc/src/y-webrtc.js",
    "lib0/": "/npm/lib0/",
    "y-protocols/": "/npm/y-protocols/",
    "simple-peer/simplepeer.min.js": "/simple-peer.js",
  },
};

const PAGE = `<!doctype html><title>npm</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify(importMap)}</script>
<script src="/peerjs.js"></script>`;

/** Serves one page with `Peer` in it, and `yjs` and `y-webrtc` to import. */
export function serveNpmPage(): NpmSite {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const script = await scriptAt(pathname);
      return script === undefined
        ? new Response(PAGE, { headers: { "content-type": "text/html" } })
        : new Response(script, { headers: { "content-type": "text/javascript" } });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function scriptAt(pathname: string): Promise<string | undefined> {
  if (pathname === "/peerjs.js") return await Deno.readTextFile(peerjs);
  if (pathname === "/simple-peer.js") {
    // Made for CommonJS; a bundler would wrap it so.
    const code = await Deno.readTextFile(fromYWebrtc.resolve("simple-peer/simplepeer.min.js"));
    return `const module={exports:{}},exports=module.exports;${code};export default module.exports;`;
  }
  const [, name = "", path = ""] = /^\/npm\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  const folder = folders.get(name);
  if (!folder) return undefined;
  return await Deno.readTextFile(new URL(/\.m?js$/.test(path) ? path : `${path}.js`, folder));
}
