/** As much as is used. The package's own types bring another version of Node's along, for all files. */
export function PeerServer(options: Readonly<Record<string, unknown>>): unknown;
