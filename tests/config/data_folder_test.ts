import assert from "node:assert/strict";
import { dataFolder } from "../../config/data_folder.ts";

const script = (name: string) => new URL(`../../config/${name}`, import.meta.url).pathname;

Deno.test("the data folder is the platform's for the user", () => {
  const home = { HOME: "/home/ada" };
  assert.equal(dataFolder(home, "linux"), "/home/ada/.local/share/hearth");
  assert.equal(dataFolder({ ...home, XDG_DATA_HOME: "/data" }, "linux"), "/data/hearth");
  assert.equal(dataFolder(home, "darwin"), "/home/ada/Library/Application Support/hearth");
  const windows = { LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" };
  assert.equal(dataFolder(windows, "windows"), "C:\\Users\\ada\\AppData\\Local\\hearth");
});

Deno.test("HEARTH_DATA_DIR wins, a relative XDG folder is ignored, no home gives none", () => {
  const env = { HOME: "/home/ada", XDG_DATA_HOME: "data", HEARTH_DATA_DIR: "/srv/hearth" };
  assert.equal(dataFolder(env, "linux"), "/srv/hearth");
  assert.equal(
    dataFolder({ ...env, HEARTH_DATA_DIR: "" }, "linux"),
    "/home/ada/.local/share/hearth",
  );
  assert.equal(dataFolder({ HOME: "/home/a,b" }, "linux"), undefined);
  for (const os of ["linux", "darwin", "windows"] as const) {
    assert.equal(dataFolder({}, os), undefined);
  }
});

Deno.test("what the script prints gives access to that folder and no other", async () => {
  const parent = await Deno.makeTempDir();
  try {
    for (const name of ["plain", "with space", "new/deep"]) {
      const folder = `${parent}/${name}`;
      const printed = await run(["--allow-env", script("print_data_folder.ts")], {
        HEARTH_DATA_DIR: folder,
      });
      const make = `Deno.mkdirSync(Deno.args[0], { recursive: true });
        try { Deno.mkdirSync(Deno.args[1]); } catch (error) { console.log(error.name); }`;
      const file = `${parent}/make.ts`;
      await Deno.writeTextFile(file, make);
      const permission = `--allow-write=${printed}`;
      const tried = await run([permission, file, folder, `${parent}/other`], {});
      assert.equal(tried, "NotCapable", name);
      assert((await Deno.stat(folder)).isDirectory, name);
    }
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("a misspelt variable stops a task before it starts", async () => {
  const check = (env: Record<string, string>) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-env", script("check_variables.ts")],
      env,
    }).output();
  assert.equal((await check({ HEARTH_HTTP_PORT: "1" })).code, 0);
  const { code, stderr } = await check({ HEARTH_HTTP_PROT: "1" });
  assert.equal(code, 2);
  assert.match(
    new TextDecoder().decode(stderr),
    /HEARTH_HTTP_PROT .*did you mean HEARTH_HTTP_PORT/,
  );
});

async function run(args: readonly string[], env: Record<string, string>): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", ...args], env });
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout).trim();
}
