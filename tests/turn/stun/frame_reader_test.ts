import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameReader, MessageWriter } from "../../../turn/stun/mod.ts";
import { writeChannelData } from "../../support/channel_data.ts";

function channelFrame(length: number, fill = 7): Uint8Array {
  const out = new Uint8Array(4 + length + 3);
  return out.subarray(
    0,
    writeChannelData(out, 0x4001, new Uint8Array(length).fill(fill), true),
  );
}

function stunFrame(attributeLength: number): Uint8Array {
  return new MessageWriter(new Uint8Array(70_000)).start("request", 1, new Uint8Array(12))
    .bytes(0x8022, new Uint8Array(attributeLength)).finish().slice();
}

function join(frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

Deno.test("RFC 8656 §12.5: frames come whole from any split and any coalescing", () => {
  const frame = fc.oneof(
    fc.integer({ min: 0, max: 60 }).map((length) => channelFrame(length)),
    fc.integer({ min: 0, max: 60 }).map(stunFrame),
  );
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }),
      (frames, cuts) => {
        const stream = join(frames);
        const reader = new FrameReader();
        const got: Uint8Array[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const chunk = stream.slice(at, at + (cuts[i % cuts.length] ?? 1));
          at += chunk.length;
          for (const whole of reader.push(chunk)) got.push(whole.slice());
        }
        assert.deepEqual(got, frames);
        assert.equal(reader.fault, undefined);
        assert.equal(reader.held, 0);
      },
    ),
  );
});

Deno.test("RFC 8656 §12: a stream that begins with neither STUN nor ChannelData has no frames", () => {
  for (const first of [4, 15, 16, 22, 63, 128, 255]) {
    const reader = new FrameReader();
    assert.deepEqual([...reader.push(Uint8Array.of(first))], [], `first byte ${first}`);
    assert.equal(reader.fault, "neither STUN nor ChannelData", `first byte ${first}`);
    assert.deepEqual([...reader.push(channelFrame(4))], [], "nothing comes after a fault");
  }
});

Deno.test("frames before a fault are still delivered", () => {
  const reader = new FrameReader();
  const frames = [...reader.push(join([channelFrame(5), Uint8Array.of(0xff)]))];
  assert.deepEqual(frames, [channelFrame(5)]);
  assert.equal(reader.fault, "neither STUN nor ChannelData");
});

Deno.test("a frame as long as allowed passes, one byte more is a fault", () => {
  const fits = new FrameReader(104);
  assert.deepEqual([...fits.push(channelFrame(100))], [channelFrame(100)]);
  const tooLong = new FrameReader(104);
  // Its header alone is enough to tell.
  assert.deepEqual([...tooLong.push(channelFrame(101).subarray(0, 4))], []);
  assert.equal(tooLong.fault, "frame too long");
  assert.equal(tooLong.held, 0);
});

Deno.test("a frame that never ends holds no more than it sent", () => {
  const reader = new FrameReader();
  const header = Uint8Array.of(0x40, 0x00, 0xff, 0xff);
  assert.deepEqual([...reader.push(header)], []);
  for (let i = 0; i < 100; i++) assert.deepEqual([...reader.push(new Uint8Array(100))], []);
  assert.equal(reader.held, 10_004);
});

Deno.test("the longest ChannelData passes by default", () => {
  assert.equal([...new FrameReader().push(channelFrame(0xffff))][0]?.length, 65_540);
});
