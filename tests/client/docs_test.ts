import { equal } from "node:assert/strict";
import * as client from "../../client/mod.ts";
import { startServer } from "../support/server.ts";

Deno.test("The example of docs/client.md runs as written", async () => {
  await using server = await startServer();
  const blocks = [...(await Deno.readTextFile("docs/client.md")).matchAll(/^```js\n(.*?)^```$/gms)];
  equal(blocks.length, 1);
  for (const [, code = ""] of blocks) {
    const text = `export default async (connect, url) => {\n${code}\n};`;
    const { default: run } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    await run(client.connect, `http://127.0.0.1:${server.httpPort}/`);
  }
});
