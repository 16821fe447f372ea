export { listenForAnnouncements } from "./announcements.ts";
export type { Client } from "./client.ts";
export { natPmpClient, pcpClient } from "./port_control.ts";
export { findDevices } from "./ssdp.ts";
export { upnpClient } from "./upnp.ts";
