import { equal } from "node:assert/strict";

Deno.test("The served library and its types are those of client/: deno task client writes them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hearth-client-" });
  try {
    const args = ["run", "-A", "client/build.ts", folder];
    const { success } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    equal(success, true);
    for (const file of ["client.js", "client.d.ts"]) {
      const built = await Deno.readTextFile(`${folder}/${file}`);
      equal(await Deno.readTextFile(`web/pages/${file}`), built, `run deno task client: ${file}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
