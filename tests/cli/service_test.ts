import assert from "node:assert/strict";
import { type Program, serviceFile } from "../../cli/service.ts";

const program: Program = {
  os: "linux",
  standalone: true,
  execPath: "/opt/hearth",
  folder: "/srv/hearth",
  user: "ada",
};

const textFor = (changes: Partial<Program>) => serviceFile({ ...program, ...changes }).join("\n");

Deno.test("systemd runs the one binary as a user of its own, with what it needs and no more", () => {
  const unit = textFor({});
  for (
    const line of [
      "Type=notify",
      "NotifyAccess=main",
      "WatchdogSec=90",
      "ExecStart=/opt/hearth start",
      "DynamicUser=yes",
      "StateDirectory=hearth",
      "Environment=HEARTH_DATA_DIR=/var/lib/hearth",
      "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
      "ProtectSystem=strict",
      "WantedBy=multi-user.target",
    ]
  ) assert(unit.split("\n").includes(line), line);
  assert.doesNotMatch(unit, /WorkingDirectory|MemoryDenyWriteExecute/);
});

Deno.test("systemd runs the sources where they lie, as the user whose Deno it is", () => {
  const unit = textFor({ standalone: false, execPath: "/home/ada/.deno/bin/deno" });
  assert.match(unit, /^ExecStart=\/home\/ada\/\.deno\/bin\/deno task start$/m);
  assert.match(unit, /^WorkingDirectory=\/srv\/hearth$/m);
  assert.match(unit, /^User=ada$/m);
  assert.match(unit, /^NotifyAccess=all$/m);
});

Deno.test("a path with what systemd or XML would read otherwise stays one path", () => {
  assert.match(
    textFor({ execPath: '/opt/a "b"%$/hearth' }),
    /^ExecStart="\/opt\/a \\"b\\"%%\$\$\/hearth" start$/m,
  );
  assert.match(
    textFor({ os: "darwin", execPath: "/opt/a&<b>/hearth" }),
    /<string>\/opt\/a&amp;&lt;b&gt;\/hearth<\/string>/,
  );
});

Deno.test("macOS and Windows have files of their own", () => {
  assert.match(textFor({ os: "darwin" }), /<key>KeepAlive<\/key><true\/>/);
  assert.match(
    textFor({ os: "windows", execPath: "C:\\hearth.exe" }),
    /-Execute 'C:\\hearth\.exe' -Argument 'start'/,
  );
});
