/** A certificate and its key, read and found to be fit. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

/** Paths of PEM files; the first may hold the whole chain, the server's own certificate first. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificate {
  readonly context: SecureContext;
  /** The names and addresses that it is for, as X.509 writes them. */
  readonly names: string;
  /** SHA-256, to tell one from another. */
  readonly fingerprint: string;
  /** Unix milliseconds. */
  readonly notAfter: number;
}

export type Loaded =
  | { readonly kind: "loaded"; readonly certificate: Certificate }
  /** What is wrong, and what to do. */
  | { readonly kind: "unfit"; readonly reason: string };

/** Reads both files. `now`: Unix milliseconds; a certificate that is over would help nobody. */
export function loadCertificate(files: CertificateFiles, now: number): Loaded {
  const cert = read(files.certificate, "HEARTH_TLS_CERTIFICATE");
  if (cert.kind === "unfit") return cert;
  const key = read(files.key, "HEARTH_TLS_KEY");
  if (key.kind === "unfit") return key;

  const own = parsed(() => new X509Certificate(cert.pem));
  if (!own) return unfit(`${files.certificate} holds no certificate in PEM form`);
  // What went wrong with a key is not repeated: the message could hold some of it.
  const privateKey = parsed(() => createPrivateKey(key.pem));
  if (!privateKey) return unfit(`${files.key} holds no private key in PEM form without a password`);
  if (!own.checkPrivateKey(privateKey)) {
    return unfit(`the key in ${files.key} is not that of the certificate in ${files.certificate}`);
  }
  const notAfter = Date.parse(own.validTo);
  if (notAfter <= now) {
    return unfit(`the certificate in ${files.certificate} ended on ${own.validTo}: renew it`);
  }
  return {
    kind: "loaded",
    certificate: {
      context: createSecureContext({ cert: cert.pem, key: key.pem }),
      names: own.subjectAltName ?? own.subject,
      fingerprint: own.fingerprint256,
      notAfter,
    },
  };
}

type Read = { readonly kind: "read"; readonly pem: string } | Loaded & { readonly kind: "unfit" };

function read(path: string, variable: string): Read {
  try {
    return { kind: "read", pem: Deno.readTextFileSync(path) };
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Deno.errors.NotCapable
      ? `this program was not given it to read; set ${variable} in the environment before the start`
      : error instanceof Error
      ? error.message
      : String(error);
    return unfit(`${path} (${variable}) cannot be read: ${why}`);
  }
}

function unfit(reason: string): Loaded & { readonly kind: "unfit" } {
  return { kind: "unfit", reason };
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
