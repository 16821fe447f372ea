/** UPnP-IGD: WANIPConnection 1 and 2, and WANPPPConnection, in the actions that all have. */
import type { Document } from "@xmldom/xmldom";
import type { MapAnswer, Port } from "../core/mod.ts";
import { type Client, mapAll, unmapAll, type Wire } from "./client.ts";
import type { FoundDevice } from "./ssdp.ts";

/** Where a connection of the router is controlled. */
interface Service {
  readonly type: string;
  readonly control: URL;
}

const CONNECTION = /^urn:schemas-upnp-org:service:WAN(IP|PPP)Connection:\d+$/;
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 256 * 1024;
/** A router for two lines has two; more is nonsense. */
const MAX_SERVICES = 4;

/** UPnP WANIPConnection:1 §2.4.16, AddPortMapping. */
const ONLY_PERMANENT = 725;
const ERRORS = new Map([
  [606, "it does not allow it"],
  [718, "the port is taken"],
  [724, "it maps to the same number only"],
]);

/** The routers' connections that lead anywhere, as clients. */
export async function upnpClient(device: FoundDevice, local: string): Promise<Client | undefined> {
  const description = await get(device.location).catch(() => undefined);
  for (const service of description ? servicesOf(description, device.location) : []) {
    const wire = wireTo(service, device.router, local);
    const ip = await wire.externalIp?.();
    if (ip === undefined || ip === "" || ip === "0.0.0.0") continue;
    return {
      map: (ports) => mapAll(wire, ports),
      unmap: (ports) => unmapAll(wire, ports),
    };
  }
  return undefined;
}

/** Only such as the router itself controls. */
export function servicesOf(description: Document, location: URL): Service[] {
  const base = textOf(description, "URLBase");
  const services = Array.from(description.getElementsByTagNameNS("*", "service"));
  return services.flatMap((service) => {
    const type = textOf(service, "serviceType");
    const path = textOf(service, "controlURL");
    const from = URL.canParse(base) ? base : location;
    if (!CONNECTION.test(type) || path === "" || !URL.canParse(path, from)) return [];
    const control = new URL(path, from);
    return control.protocol === "http:" && control.hostname === location.hostname
      ? [{ type, control }]
      : [];
  }).slice(0, MAX_SERVICES);
}

function wireTo(service: Service, router: string, local: string): Wire {
  return {
    protocol: "UPnP",
    router,
    async mapOne(port, lifetimeSeconds) {
      if (lifetimeSeconds === 0) return await remove(service, port);
      const added = await add(service, port, local, lifetimeSeconds);
      // Old routers know mappings without an end alone: these are removed at ours.
      return added?.kind === "fault" && added.code === ONLY_PERMANENT
        ? judge(await add(service, port, local, 0), port, Infinity)
        : judge(added, port, lifetimeSeconds);
    },
    async externalIp() {
      const answer = await call(service, "GetExternalIPAddress", []);
      return answer?.kind === "done"
        ? textOf(answer.body, "NewExternalIPAddress") || undefined
        : undefined;
    },
  };
}

function add({ type, control }: Service, port: Port, local: string, lifetimeSeconds: number) {
  return call({ type, control }, "AddPortMapping", [
    ["NewRemoteHost", ""],
    ["NewExternalPort", port.port],
    ["NewProtocol", port.transport.toUpperCase()],
    ["NewInternalPort", port.port],
    ["NewInternalClient", local],
    ["NewEnabled", 1],
    ["NewPortMappingDescription", "Hearth"],
    ["NewLeaseDuration", lifetimeSeconds],
  ]);
}

async function remove(service: Service, port: Port): Promise<MapAnswer | undefined> {
  const removed = await call(service, "DeletePortMapping", [
    ["NewRemoteHost", ""],
    ["NewExternalPort", port.port],
    ["NewProtocol", port.transport.toUpperCase()],
  ]);
  return judge(removed, port, 0);
}

function judge(
  answer: Answer | undefined,
  { port }: Port,
  lifetimeSeconds: number,
): MapAnswer | undefined {
  if (answer?.kind === "done") return { kind: "mapped", externalPort: port, lifetimeSeconds };
  return answer &&
    { kind: "refused", why: ERRORS.get(answer.code) ?? `its code is ${answer.code}` };
}

type Answer =
  | { readonly kind: "done"; readonly body: Document }
  | { readonly kind: "fault"; readonly code: number };

/** Undefined where nothing came that could be understood. */
async function call(
  { type, control }: Service,
  action: string,
  args: readonly (readonly [name: string, value: string | number])[],
): Promise<Answer | undefined> {
  const fields = args.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  const body = '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${type}">${fields}</u:${action}></s:Body></s:Envelope>`;
  try {
    const answer = await get(control, {
      method: "POST",
      headers: { "content-type": 'text/xml; charset="utf-8"', soapaction: `"${type}#${action}"` },
      body,
    });
    const code = textOf(answer, "errorCode");
    if (code !== "") return { kind: "fault", code: Number(code) };
    const done = answer.getElementsByTagNameNS("*", `${action}Response`).length > 0;
    return done ? { kind: "done", body: answer } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where there is no answer, none of a router's size, or none in XML. */
async function get(url: URL, init: RequestInit = {}): Promise<Document> {
  const response = await fetch(url, {
    ...init,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw new Error(`More than ${MAX_BYTES} characters from ${url}`);
  }
  // Read when a router first answers: most never speak UPnP, or are not asked.
  const { DOMParser } = await import("@xmldom/xmldom");
  return new DOMParser({ onError: () => {} }).parseFromString(text, "text/xml");
}

function textOf(parent: Pick<Document, "getElementsByTagNameNS">, name: string): string {
  return parent.getElementsByTagNameNS("*", name)[0]?.textContent?.trim() ?? "";
}
