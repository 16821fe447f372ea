/** TLS: one port for HTTPS, WebSocket and TURN, with a certificate that is renewed while it runs. */
export {
  type Certificate,
  type CertificateFiles,
  loadCertificate,
  type Loaded,
} from "./certificate.ts";
export type { TlsEvent } from "./events.ts";
export { DAYS, type Pem, selfSigned } from "./self_signed.ts";
export { Front, type FrontLimits, type FrontOptions, type Inside } from "./front.ts";
export { KeptCertificate } from "./kept_certificate.ts";
export {
  hasCertificate,
  type OpenedTls,
  openTls,
  type Tls,
  type TlsOptions,
  type TlsTargets,
  tokenOf,
} from "./open.ts";
