/** Builds the library as one module with its types, into the folder that is named. */
const [folder = "web/pages"] = Deno.args;
// Without the project's configuration: its npm types are no part of a browser's.
const args = ["bundle", "--no-config", "--platform=browser", "--declaration"];
const output = ["-o", `${folder}/client.js`, "client/mod.ts"];
const { success } = await new Deno.Command(Deno.execPath(), { args: [...args, ...output] })
  .output();
if (!success) Deno.exit(1);
// `deno bundle` leaves in some imports of what it has put into the same file.
const types = await Deno.readTextFile(`${folder}/client.d.ts`);
await Deno.writeTextFile(`${folder}/client.d.ts`, types.replaceAll(/^import .*\n/gm, ""));
