import assert from "node:assert/strict";
import { dirname } from "node:path";
import { embeddedFiles, type Project, serverFlags } from "../../compile/mod.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const files = await embeddedFiles(ROOT);

Deno.test("the worker and every page are embedded", async () => {
  assert(files.includes("main.ts") && files.includes("turn/worker.ts"));
  const pages = files.filter((file) => file.startsWith("web/pages/"));
  assert(pages.includes("web/pages/index.html"));
  for (const file of files.filter((file) => file.endsWith(".ts"))) {
    const source = await Deno.readTextFile(`${ROOT}/${file}`);
    for (const [, entry = ""] of source.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g)) {
      const path = new URL(entry, `file:///${file}`).pathname.slice(1);
      assert(files.includes(path), `${file} starts ${path}, which is not embedded`);
    }
  }
});

Deno.test("nothing that only development needs is embedded", async () => {
  const stray = files.filter((file) => /^(tests|bench|lint|compile)\//.test(file));
  assert.deepEqual(stray, []);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--frozen", "--json", "main.ts"],
    cwd: ROOT,
  }).output();
  assert.doesNotMatch(
    new TextDecoder().decode(stdout),
    /npm:\/?(playwright-core|werift|fast-check)/,
  );
});

Deno.test("the program runs from exactly the embedded files", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const file of [...files, "deno.json", "deno.lock"]) {
      await Deno.mkdir(dirname(`${root}/${file}`), { recursive: true });
      await Deno.copyFile(`${ROOT}/${file}`, `${root}/${file}`);
    }
    const project: Project = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["run", ...serverFlags(project, `${root}/data`), "main.ts", "start"],
      cwd: root,
      env: {
        NO_COLOR: "1",
        HEARTH_DATA_DIR: `${root}/data`,
        HEARTH_HTTP_HOST: "127.0.0.1",
        HEARTH_HTTP_PORT: "0",
        HEARTH_TURN_HOST: "127.0.0.1",
        HEARTH_TURN_PORT: "0",
      },
      stdout: "piped",
    }).spawn();
    const origin = Promise.withResolvers<string>();
    const ended = readAll(child.stdout, (printed) => {
      const [url] = printed.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
      if (url) origin.resolve(url);
    }).then((printed) => origin.reject(new Error(`It ended before it listened: ${printed}`)));
    for (const path of ["/healthz", "/"]) {
      const response: Response = await fetch(await origin.promise + path);
      await response.body?.cancel();
      assert.equal(response.status, 200, path);
    }
    child.kill("SIGTERM");
    await ended;
    assert.equal((await child.status).code, 0);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("without the base runtime, compiling fails and says how to supply it", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=commit.json",
      "--allow-run",
      "compile/mod.ts",
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", DENORT_BIN: "/nowhere/denort" },
  }).output();
  assert.equal(code, 1);
  const complaint = new TextDecoder().decode(stderr);
  assert.match(complaint, /Could not find denort at '\/nowhere\/denort'/);
  assert.match(complaint, /DENORT_BIN=\/path\/to\/denort deno task compile/);
});

/** The whole output; `seen` gets what has come so far, each time more comes. */
async function readAll(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  seen: (soFar: string) => void,
): Promise<string> {
  let all = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    all += text;
    seen(all);
  }
  return all;
}
