/** A certificate that vouches for itself: for a LAN, where no authority vouches for an address. */
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

/** What browsers put up with: Apple refuses longer lives, also where the user trusts it himself. */
export const DAYS = 397;
const DAY_MS = 86_400_000;
const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { ...KEY, hash: "SHA-256" } as const;

/** For these host names and addresses, from `now` (Unix milliseconds) for `DAYS` days. */
export async function selfSigned(names: readonly string[], now: number): Promise<Pem> {
  // Read when it is needed: no server needs it, and it would take a quarter of the start.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 §4.1.2.2: positive, and never the same twice.
    serialNumber: "01" + randomBytes(15).toString("hex"),
    name: [{ O: ["Hearth"], CN: [names[0] ?? "hearth"] }],
    notBefore: new Date(now),
    notAfter: new Date(now + DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
      ),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: certificate.toString("pem") + "\n",
    key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
  };
}
