import { equal, match, ok } from "node:assert/strict";
import { pages } from "../../web/mod.ts";

const app = pages();

for (
  const [path, type] of [
    ["/", "text/html; charset=utf-8"],
    ["/demo", "text/html; charset=utf-8"],
    ["/demo.js", "text/javascript; charset=utf-8"],
    ["/tester", "text/html; charset=utf-8"],
    ["/tester/main.js", "text/javascript; charset=utf-8"],
    ["/style.css", "text/css; charset=utf-8"],
    ["/favicon.svg", "image/svg+xml"],
  ] as const
) {
  Deno.test(`GET ${path} is ${type}, and HEAD is the same without the body`, async () => {
    const got = await app.request(path);
    equal(got.status, 200);
    equal(got.headers.get("content-type"), type);
    const bytes = await got.bytes();
    equal(got.headers.get("content-length"), `${bytes.length}`);
    ok(bytes.length > 0);
    const head = await app.request(path, { method: "HEAD" });
    equal(head.status, 200);
    equal(head.headers.get("content-length"), `${bytes.length}`);
    equal((await head.bytes()).length, 0);
  });
}

Deno.test("A file that the browser holds already is not sent again", async () => {
  const etag = (await app.request("/")).headers.get("etag") ?? "";
  match(etag, /^"[\w-]{43}"$/);
  for (const held of [etag, `"other", W/${etag}`, "*"]) {
    const again = await app.request("/", { headers: { "if-none-match": held } });
    equal(again.status, 304, held);
    equal(again.headers.get("etag"), etag);
    equal(await again.text(), "");
  }
  const changed = await app.request("/", { headers: { "if-none-match": '"other"' } });
  equal(changed.status, 200);
  await changed.body?.cancel();
});

Deno.test("Another method on a page is 405 and says what is allowed", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const answer = await app.request("/tester", { method });
    equal(answer.status, 405);
    equal(answer.headers.get("allow"), "GET, HEAD");
    equal((await answer.json()).error.code, "method-not-allowed");
  }
});

Deno.test("An unknown path is 404: a page for a person, JSON for a program", async () => {
  const person = await app.request("/nowhere", { headers: { accept: "text/html,*/*" } });
  equal(person.status, 404);
  match(await person.text(), /Nothing is here/);
  const program = await app.request("/api/nowhere", { method: "POST" });
  equal(program.status, 404);
  equal((await program.json()).error.code, "not-found");
});

Deno.test("No path leads out of the folder, and the 404 page is not a page", async () => {
  for (
    const path of ["/../mod.ts", "/%2e%2e/mod.ts", "/..%2fmod.ts", "/404", "/index", "/index.html"]
  ) {
    const answer = await app.request(path);
    equal(answer.status, 404, path);
    await answer.body?.cancel();
  }
});

Deno.test("Every answer forbids framing, sniffing and anything from elsewhere", async () => {
  for (const path of ["/", "/demo", "/tester", "/home.js", "/nowhere"]) {
    const { headers, body } = await app.request(path);
    await body?.cancel();
    const policy = headers.get("content-security-policy") ?? "";
    match(policy, /default-src 'none'/);
    match(policy, /frame-ancestors 'none'/);
    ok(!/unsafe|\*|https?:/.test(policy), policy);
    equal(headers.get("x-content-type-options"), "nosniff");
    equal(headers.get("x-frame-options"), "DENY");
    equal(headers.get("referrer-policy"), "no-referrer");
  }
});

Deno.test("Every file that a page names is served", async () => {
  for (const path of ["/", "/demo", "/tester", "/nowhere"]) {
    const html = await (await app.request(path, { headers: { accept: "text/html" } })).text();
    const named = [...html.matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, name]) => name ?? "");
    ok(named.length > 1);
    for (const name of named) {
      const answer = await app.request(name);
      equal(answer.status, 200, name);
      await answer.body?.cancel();
    }
  }
});
