export { gatherFirewall } from "./firewall.ts";
export { gatherIpv6, gatherMachine, tryDescriptors } from "./machine.ts";
export { gatherNetwork } from "./network.ts";
export { gatherPorts } from "./ports.ts";
