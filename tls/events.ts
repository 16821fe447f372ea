/** What is worth a line in the log. */
export type TlsEvent =
  /** The new files cannot be used: the certificate before them is used still. */
  | { readonly kind: "certificate-unfit"; readonly reason: string }
  | { readonly kind: "certificate-renewed"; readonly names: string; readonly until: string }
  /** It ends soon, and nobody has renewed it. */
  | {
    readonly kind: "certificate-ends";
    readonly names: string;
    readonly until: string;
    readonly days: number;
  }
  /** No connection can be taken now. */
  | { readonly kind: "front-down"; readonly why: string };
