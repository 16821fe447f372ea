import { deepEqual, equal } from "node:assert/strict";
import { DOMParser } from "@xmldom/xmldom";
import { upnpClient } from "../../router/io/mod.ts";
import { readAnswer } from "../../router/io/ssdp.ts";
import { servicesOf } from "../../router/io/upnp.ts";

const tcp8080 = { transport: "tcp", port: 8080 } as const;

function answer(location: string): Uint8Array {
  return new TextEncoder().encode(
    `HTTP/1.1 200 OK\r\nST: urn:x\r\nLocation: ${location}\r\nEXT:\r\n\r\n`,
  );
}

Deno.test("an answer leads to the device that sent it, and to nobody else", () => {
  equal(
    readAnswer(answer("http://192.168.1.1:5000/root.xml"), "192.168.1.1")?.location.href,
    "http://192.168.1.1:5000/root.xml",
  );
  equal(readAnswer(answer("http://192.168.1.9/root.xml"), "192.168.1.1"), undefined);
  equal(readAnswer(answer("https://192.168.1.1/root.xml"), "192.168.1.1"), undefined);
  equal(readAnswer(answer("file:///etc/passwd"), "192.168.1.1"), undefined);
  equal(
    readAnswer(new TextEncoder().encode("NOTIFY * HTTP/1.1\r\n\r\n"), "192.168.1.1"),
    undefined,
  );
});

/** A description with these services in a device inside a device, as routers have them. */
function description(...services: [type: string, control: string][]): string {
  const inner = services.map(([type, control]) =>
    `<service><serviceType>urn:schemas-upnp-org:service:${type}</serviceType>` +
    `<controlURL>${control}</controlURL></service>`
  );
  return '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList>' +
    `<device><serviceList>${inner.join("")}</serviceList></device></deviceList></device></root>`;
}

Deno.test("connections of all versions are found, and only where the router itself controls them", () => {
  const text = description(
    ["Layer3Forwarding:1", "/l3f"],
    ["WANPPPConnection:1", "ppp"],
    ["WANIPConnection:2", "http://10.0.0.1:5000/ip"],
    ["WANIPConnection:1", "http://10.0.0.99/elsewhere"],
  );
  const found = servicesOf(
    new DOMParser().parseFromString(text, "text/xml"),
    new URL("http://10.0.0.1:5000/x/root.xml"),
  );
  deepEqual(found.map(({ control }) => control.href), [
    "http://10.0.0.1:5000/x/ppp",
    "http://10.0.0.1:5000/ip",
  ]);
});

/** A router that answers AddPortMapping by `add`, given the lifetime that was asked for. */
function fakeRouter(add: (lifetime: number) => string | number) {
  const calls: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method === "GET") {
      return new Response(description(["WANIPConnection:1", "/control"]));
    }
    const body = await request.text();
    const action = body.match(/<u:(\w+)/)?.[1] ?? "";
    calls.push(action);
    const lifetime = Number(body.match(/<NewLeaseDuration>(\d+)/)?.[1]);
    const inside = action === "AddPortMapping" ? add(lifetime) : "";
    const content = typeof inside === "number"
      ? `<s:Fault><detail><UPnPError><errorCode>${inside}</errorCode></UPnPError></detail></s:Fault>`
      : `<u:${action}Response>${
        action === "GetExternalIPAddress"
          ? "<NewExternalIPAddress>198.51.100.7</NewExternalIPAddress>"
          : inside
      }</u:${action}Response>`;
    return new Response(
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:u"><s:Body>${content}</s:Body></s:Envelope>`,
      { status: typeof inside === "number" ? 500 : 200 },
    );
  });
  const location = new URL(`http://127.0.0.1:${server.addr.port}/root.xml`);
  return {
    calls,
    client: () => upnpClient({ router: "127.0.0.1", location }, "127.0.0.1"),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a router that knows no end of a mapping is given one without (725)", async () => {
  await using router = fakeRouter((lifetime) => lifetime === 0 ? "" : 725);
  const client = await router.client();
  const asked = await client?.map([tcp8080]);
  equal(asked?.kind === "granted" && asked.grant.lifetimeSeconds, Infinity);
  equal(asked?.kind === "granted" && asked.grant.externalIp, "198.51.100.7");
  await client?.unmap([tcp8080]);
  deepEqual(router.calls.filter((call) => call !== "GetExternalIPAddress"), [
    "AddPortMapping",
    "AddPortMapping",
    "DeletePortMapping",
  ]);
});

Deno.test("a port that another machine has is refused with that reason (718)", async () => {
  await using router = fakeRouter(() => 718);
  deepEqual(await (await router.client())?.map([tcp8080]), {
    kind: "refused",
    whys: ["127.0.0.1 (UPnP): the port is taken"],
  });
});

Deno.test("a device that describes itself without end, or in no XML, is none", async () => {
  const texts = ["<root>" + " ".repeat(300_000) + "</root>", "not found", ""];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(texts.shift()),
  );
  const location = new URL(`http://127.0.0.1:${server.addr.port}/`);
  while (texts.length > 0) {
    equal(await upnpClient({ router: "127.0.0.1", location }, "127.0.0.1"), undefined);
  }
  await server.shutdown();
});
