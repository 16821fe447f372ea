/** The commands of the documents that no test runs, by how they begin, and why. */
export const NOT_RUN: readonly { readonly begins: string; readonly why: string }[] = [
  { begins: "sudo ", why: "it changes this machine" },
  { begins: "npx -y deno@2.9.6 task service print | sudo", why: "it changes this machine" },
  { begins: "journalctl ", why: "it needs the service to be installed" },
  { begins: "HEARTH_CHECK_STUN=stun.example.org", why: "it asks a server on the internet" },
  { begins: "turnutils_uclient ", why: "tests/interop/coturn_test.ts runs it, and more of it" },
  { begins: "npx -y deno@2.9.6 task test", why: "this is a part of it" },
  { begins: "npx -y deno@2.9.6 task bench", why: "it takes minutes: tests/bench runs it shortly" },
];
