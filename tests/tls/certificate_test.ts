import { deepEqual, equal, match } from "node:assert/strict";
import {
  DAYS,
  KeptCertificate,
  loadCertificate,
  selfSigned,
  type TlsEvent,
} from "../../tls/mod.ts";
import { Files, openWorld } from "./world.ts";

const DAY_MS = 86_400_000;

function whyUnfit(files: Files, now = Date.now()): string {
  const loaded = loadCertificate(files, now);
  return loaded.kind === "unfit" ? loaded.reason : "it is fit";
}

Deno.test("a certificate made here is fit, and names what it is for", async () => {
  await using files = await Files.make();
  match(files.load().names, /DNS:localhost.*127\.0\.0\.1/);
});

Deno.test("what is wrong with the files is said, with their names", async () => {
  await using files = await Files.make();
  const certificate = await Deno.readTextFile(files.certificate);
  const { key: another } = await selfSigned(["localhost"], Date.now());
  const key = await Deno.readTextFile(files.key);

  await Deno.writeTextFile(files.key, another);
  match(whyUnfit(files), /key\.pem is not that of the certificate/);
  await Deno.writeTextFile(files.key, "-----BEGIN PRIVATE KEY-----\nsecret\n");
  match(whyUnfit(files), /key\.pem holds no private key/);
  equal(whyUnfit(files).includes("secret"), false);
  await Deno.writeTextFile(files.key, key);
  await Deno.writeTextFile(files.certificate, key);
  match(whyUnfit(files), /certificate\.pem holds no certificate/);
  await Deno.remove(files.certificate);
  match(whyUnfit(files), /certificate\.pem \(HEARTH_TLS_CERTIFICATE\).*no such file/);
  await Deno.writeTextFile(files.certificate, certificate);
  equal(whyUnfit(files), "it is fit");
});

Deno.test("a certificate holds to its last moment", async () => {
  await using files = await Files.make();
  const { notAfter } = files.load();
  equal(whyUnfit(files, notAfter - 1), "it is fit");
  match(whyUnfit(files, notAfter), /ended on .*: renew it/);
});

/** A kept certificate with a clock of its own, and what it noted. */
function keep(files: Files) {
  const notes: TlsEvent[] = [];
  const start = Date.now();
  let passed = 0;
  const kept = new KeptCertificate(
    files,
    files.load(),
    () => start + passed,
    (note) => notes.push(note),
  );
  return {
    kept,
    notes,
    pass: (ms: number) => void (passed += ms),
    [Symbol.dispose]: () => kept.close(),
  };
}

Deno.test("new files are used by whoever comes next, and end nobody's connection", async () => {
  await using files = await Files.make();
  const first = await Deno.readTextFile(files.certificate);
  using world = keep(files);
  await using server = await openWorld({ context: () => world.kept.current.context });
  const hello = async (conn: Deno.TlsConn) => {
    await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    await conn.read(new Uint8Array(1_000));
  };
  const connect = (pem: string) =>
    Deno.connectTls({ hostname: "localhost", port: server.front.port, caCerts: [pem] });

  using before = await connect(first);
  await hello(before);
  const second = await files.renew();
  world.kept.reload();
  using after = await connect(second);
  await hello(after);
  await hello(before);
  deepEqual(world.notes.map(({ kind }) => kind), ["certificate-renewed"]);
});

Deno.test("unfit new files leave the old certificate in use, and are told of once", async () => {
  await using files = await Files.make();
  using world = keep(files);
  const { fingerprint } = world.kept.current;
  await Deno.writeTextFile(files.certificate, "rubbish");
  world.kept.reload();
  world.kept.reload();
  equal(world.kept.current.fingerprint, fingerprint);
  deepEqual(world.notes.map(({ kind }) => kind), ["certificate-unfit"]);

  await files.renew();
  world.kept.reload();
  deepEqual(world.notes.map(({ kind }) => kind), ["certificate-unfit", "certificate-renewed"]);
});

Deno.test("a certificate that nobody renews is told of once a day from the 14th before", async () => {
  await using files = await Files.make();
  using world = keep(files);
  world.pass((DAYS - 15) * DAY_MS);
  world.kept.reload();
  equal(world.notes.length, 0);
  for (const hours of [24, 1, 24]) {
    world.pass(hours * 3_600_000);
    world.kept.reload();
  }
  deepEqual(world.notes.map((note) => note.kind === "certificate-ends" && note.days), [14, 13]);
});
