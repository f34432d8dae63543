// Binary answers: a JSON header, then doubles that are viewed where they lie.
import type { SeriesHeader, Slice } from "./types";

export interface Frame<H = SeriesHeader> {
  header: H;
  /** The numbers of a slice; no copy. */
  array: (slice: Slice) => Float64Array;
}

/** Reads a frame: 8 bytes length, the padded header, the numbers. Throws if it is cut short. */
export function decodeFrame<H = SeriesHeader>(buffer: ArrayBuffer): Frame<H> {
  if (buffer.byteLength < 8) throw new Error("the server's answer is cut short");
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const begin = 8 + length;
  if (length % 8 !== 0 || begin > buffer.byteLength) throw new Error("the server's answer is cut short");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length))) as H;
  return { header, array: (slice) => new Float64Array(buffer, begin + slice.at * 8, slice.n) };
}
