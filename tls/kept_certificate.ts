import { every } from "../beat/mod.ts";
import { type Certificate, type CertificateFiles, loadCertificate } from "./certificate.ts";
import type { TlsEvent } from "./events.ts";

/** Renewals are looked for this often: two small files, well before the old certificate ends. */
const LOOK_MS = 30_000;
const DAY_MS = 86_400_000;
/** Let's Encrypt's clients renew 30 days before the end: by now something has failed. */
const LATE_MS = 14 * DAY_MS;

/** The certificate in use. New files take its place while it runs; unfit ones do not. */
export class KeptCertificate {
  readonly #files: CertificateFiles;
  readonly #clock: () => number;
  readonly #note: (event: TlsEvent) => void;
  readonly #stopLooking: () => void;
  #current: Certificate;
  #complaint = "";

  /** `clock`: Unix milliseconds. */
  constructor(
    files: CertificateFiles,
    first: Certificate,
    clock: () => number,
    note: (event: TlsEvent) => void,
  ) {
    this.#files = files;
    this.#current = first;
    this.#clock = clock;
    this.#note = note;
    this.#warnOfEnd();
    this.#stopLooking = every(LOOK_MS, () => this.reload());
  }

  get current(): Certificate {
    return this.#current;
  }

  /** Looks at the files now. Connections that are open keep the certificate they began with. */
  reload(): void {
    const loaded = loadCertificate(this.#files, this.#clock());
    if (loaded.kind === "unfit") {
      return this.#complain(loaded.reason, { kind: "certificate-unfit", reason: loaded.reason });
    }
    if (loaded.certificate.fingerprint !== this.#current.fingerprint) {
      this.#complaint = "";
      this.#current = loaded.certificate;
      const { names, notAfter } = loaded.certificate;
      this.#note({ kind: "certificate-renewed", names, until: dateOf(notAfter) });
    }
    this.#warnOfEnd();
  }

  close(): void {
    this.#stopLooking();
  }

  #warnOfEnd(): void {
    const { names, notAfter } = this.#current;
    const left = notAfter - this.#clock();
    if (left > LATE_MS) return;
    const days = Math.max(Math.ceil(left / DAY_MS), 0);
    this.#complain(`${days}`, { kind: "certificate-ends", names, until: dateOf(notAfter), days });
  }

  /** Says the same once. */
  #complain(what: string, event: TlsEvent): void {
    if (what === this.#complaint) return;
    this.#complaint = what;
    this.#note(event);
  }
}

function dateOf(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
