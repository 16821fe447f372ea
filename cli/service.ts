/** What makes the server a service: text for the platform's own service manager. */

/** How this program was started, and by whom. */
export interface Program {
  readonly os: typeof Deno.build.os;
  /** A compiled program; else Deno runs it from a folder of sources. */
  readonly standalone: boolean;
  readonly execPath: string;
  /** Where `deno.json` lies. */
  readonly folder: string;
  /** Whoever runs this command; undefined where the environment does not say. */
  readonly user?: string;
}

/** The lines of the service's file, with what to do with them in its first comment. */
export function serviceFile(program: Program): string[] {
  switch (program.os) {
    case "darwin":
      return launchd(program);
    case "windows":
      return windows(program);
    default:
      return systemd(program);
  }
}

function command({ standalone, execPath }: Program): readonly string[] {
  return standalone ? [execPath, "start"] : [execPath, "task", "start"];
}

/** systemd.exec(5). V8 writes the code that it runs, so MemoryDenyWriteExecute cannot be had. */
function systemd(program: Program): string[] {
  const { standalone, folder, user } = program;
  return [
    "# Save as /etc/systemd/system/hearth.service, then:",
    "#     systemctl daemon-reload && systemctl enable --now hearth",
    "# Its lines: journalctl -u hearth. Options go into /etc/hearth.env, NAME=value, one a line.",
    "[Unit]",
    "Description=Hearth: rooms, relay and login for a game",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    "# It says itself when it is ready, and then three times in WatchdogSec that it still is.",
    "Type=notify",
    // The task's own process is the main one, and the server a child of it.
    `NotifyAccess=${standalone ? "main" : "all"}`,
    "WatchdogSec=90",
    `ExecStart=${command(program).map(quoted).join(" ")}`,
    "Environment=HEARTH_DATA_DIR=/var/lib/hearth",
    "EnvironmentFile=-/etc/hearth.env",
    "StateDirectory=hearth",
    "StateDirectoryMode=0700",
    ...standalone
      ? ["DynamicUser=yes", "ProtectHome=yes"]
      // Deno's cache of the libraries lies in this user's home.
      : [`WorkingDirectory=${folder}`, `User=${user ?? "hearth"}`, "ProtectHome=read-only"],
    "ExecReload=/bin/kill -HUP $MAINPID",
    "Restart=on-failure",
    "RestartSec=2",
    "TimeoutStopSec=30",
    "# A socket for each allocation, and one for each connection.",
    "LimitNOFILE=65536",
    "AmbientCapabilities=CAP_NET_BIND_SERVICE",
    "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "LockPersonality=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "UMask=0077",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ];
}

/** launchd.plist(5) */
function launchd(program: Program): string[] {
  const words = command(program).map((word) => `    <string>${escaped(word)}</string>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<!-- Save as ~/Library/LaunchAgents/hearth.plist, then:",
    "     launchctl bootstrap gui/$UID ~/Library/LaunchAgents/hearth.plist -->",
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key><string>hearth</string>",
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...words,
    "  </array>",
    ...program.standalone
      ? []
      : [`  <key>WorkingDirectory</key><string>${escaped(program.folder)}</string>`],
    "  <key>RunAtLoad</key><true/>",
    "  <key>KeepAlive</key><true/>",
    "  <key>SoftResourceLimits</key>",
    "  <dict><key>NumberOfFiles</key><integer>65536</integer></dict>",
    "  <key>StandardOutPath</key><string>/tmp/hearth.log</string>",
    "  <key>StandardErrorPath</key><string>/tmp/hearth.log</string>",
    "</dict>",
    "</plist>",
  ];
}

/** Windows starts no plain program as a service, but as a task when the machine starts. */
function windows(program: Program): string[] {
  const [executable = "", ...words] = command(program);
  const folder = program.standalone ? "" : ` -WorkingDirectory '${program.folder}'`;
  return [
    "# Run in PowerShell as administrator:",
    `$action = New-ScheduledTaskAction -Execute '${executable}' -Argument '${
      words.join(" ")
    }'${folder}`,
    "$settings = New-ScheduledTaskSettingsSet -RestartCount 999 " +
    "-RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit 0",
    "Register-ScheduledTask -TaskName Hearth -Action $action -Settings $settings " +
    "-Trigger (New-ScheduledTaskTrigger -AtStartup) -User $env:USERNAME",
  ];
}

/** systemd.service(5), "Command lines": `%` and `$` mean something there. */
function quoted(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /[\s"'\\;]/.test(plain) ? `"${plain.replaceAll(/["\\]/g, "\\$&")}"` : plain;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
