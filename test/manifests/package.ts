/** Reads images and zips byte by byte, with no word from the code that writes them. */
import { crc32, inflateSync } from 'node:zlib';

export interface Image {
  width: number;
  height: number;
  /** Red, green, blue and alpha of each, row by row. */
  pixels: number[][];
}

/** Only 8-bit images with alpha, whose rows are filtered in the way `Up` or not at all. */
export function readPng(bytes: Buffer): Image {
  if (bytes.toString('latin1', 0, 8) !== '\u0089PNG\r\n\u001a\n') throw new Error('not a PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('ascii', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header.toString('hex', 8) !== '0806000000') throw new Error('not 8 bits with alpha');
  const rows = inflateSync(chunks.get('IDAT')!);
  const pixels: number[][] = [];
  let above = Buffer.alloc(width * 4);
  for (let y = 0; y < height; y++) {
    const [filter, ...row] = rows.subarray(y * (width * 4 + 1), (y + 1) * (width * 4 + 1));
    if (filter !== 0 && filter !== 2) throw new Error(`filter ${filter}`);
    above = Buffer.from(row.map((byte, at) => (filter === 2 ? byte + above[at]! : byte)));
    for (let x = 0; x < width; x++) pixels.push([...above.subarray(x * 4, x * 4 + 4)]);
  }
  return { width, height, pixels };
}

/** As its directory lists them; only files that are stored as they are. */
export function readZip(bytes: Buffer): Record<string, Buffer> {
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const files: Record<string, Buffer> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    if (bytes.toString('latin1', at, at + 4) !== 'PK\u0001\u0002') throw new Error('no entry');
    if (bytes.readUInt16LE(at + 10) !== 0) throw new Error('compressed');
    const [size, name] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28)];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + size);
    if (bytes.readUInt32LE(at + 16) !== crc32(content)) throw new Error('damaged');
    files[bytes.toString('utf8', at + 46, at + 46 + name)] = content;
    at += 46 + name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return files;
}
