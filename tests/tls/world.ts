import {
  Front,
  type FrontLimits,
  type Inside,
  loadCertificate,
  selfSigned,
} from "../../tls/mod.ts";
import type { Certificate } from "../../tls/mod.ts";

/** Files of a certificate for this machine's loopback, in a folder of their own. */
export class Files implements AsyncDisposable {
  readonly certificate: string;
  readonly key: string;

  private constructor(readonly folder: string) {
    this.certificate = `${folder}/certificate.pem`;
    this.key = `${folder}/key.pem`;
  }

  static async make(): Promise<Files> {
    const files = new Files(await Deno.makeTempDir({ prefix: "hearth-tls-" }));
    await files.renew();
    return files;
  }

  /** Another certificate in their place; what stands in the files now is returned. */
  async renew(now = Date.now()): Promise<string> {
    const { certificate, key } = await selfSigned(["localhost", "127.0.0.1"], now);
    await Deno.writeTextFile(this.certificate, certificate);
    await Deno.writeTextFile(this.key, key);
    return certificate;
  }

  /** As it stands now, which must be fit. */
  load(): Certificate {
    const loaded = loadCertificate(this, Date.now());
    if (loaded.kind === "unfit") throw new Error(loaded.reason);
    return loaded.certificate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const LIMITS: FrontLimits = {
  connections: 100,
  connectionsPerAddress: 100,
  firstByteMs: 60_000,
};

export interface World extends AsyncDisposable {
  readonly front: Front;
  readonly files: Files;
  /** What stands in the certificate's file. */
  readonly pem: string;
}

/** A front before HTTP that answers who its client is. */
export async function openWorld(
  { limits, relay, context }: {
    readonly limits?: Partial<FrontLimits>;
    readonly relay?: Inside & { readonly token: string };
    readonly context?: () => Certificate["context"];
  } = {},
): Promise<World> {
  const files = await Files.make();
  const certificate = files.load();
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (_, info) => {
    return Response.json({ client: front.clientOf(info.remoteAddr) ?? null });
  });
  const front: Front = await Front.open({
    host: "127.0.0.1",
    port: 0,
    context: context ?? (() => certificate.context),
    http: () => ({ hostname: "127.0.0.1", port: http.addr.port }),
    relay: () => relay,
    token: relay?.token ?? "",
    limits: { ...LIMITS, ...limits },
    note: () => {},
  });
  return {
    front,
    files,
    pem: await Deno.readTextFile(files.certificate),
    async [Symbol.asyncDispose]() {
      front.close();
      await http.shutdown();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** All that comes until the other side ends. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const text = await new Response(conn.readable).text().catch(() => "");
  return text;
}
