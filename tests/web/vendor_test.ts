import { equal, match } from "node:assert/strict";

Deno.test("The libraries that pages use are those of deno.json: deno task vendor copies them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hearth-vendor-" });
  try {
    const args = ["run", "-A", "--frozen", "web/vendor.ts", folder];
    const { success } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    equal(success, true);
    for (const file of ["uplot.js", "uplot.d.ts", "uplot.css", "uqr.js", "uqr.d.ts"]) {
      const copied = await Deno.readTextFile(`${folder}/${file}`);
      equal(await Deno.readTextFile(`web/pages/${file}`), copied, `run deno task vendor: ${file}`);
      match(copied, /Permission is hereby granted, free of charge/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
