/**
 * Prints the files of TLS that the environment names, each after a comma, to follow the data folder
 * in `--allow-read`: the task gives access to these, and only a program that has already started
 * could know which they are.
 */
const named = ["HEARTH_TLS_CERTIFICATE", "HEARTH_TLS_KEY"].map((name) => Deno.env.get(name));
// A name with a comma is refused at the start; here it would name other files.
console.log(named.filter((path) => path && !path.includes(",")).map((path) => `,${path}`).join(""));
