/** A zip of a few small files at its root. The same files are the same bytes at any time and on every machine. */
import { crc32 } from 'node:zlib';

/** 1 January 1980, when time begins for a zip, so that it says nothing of when it was made. */
const date = 0x0021;
const version = 20;

export function zip(files: readonly { name: string; bytes: Buffer }[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const common = entryOf(name, bytes);
    const entry = Buffer.concat([signed('PK\u0003\u0004', common), Buffer.from(name, 'ascii'), bytes]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([version, 0]);
    central.push(signed('PK\u0001\u0002', madeBy, common, more), Buffer.from(name, 'ascii'));
    local.push(entry);
    offset += entry.length;
  }
  return Buffer.concat([...local, ...central, endOf(files.length, Buffer.concat(central).length, offset)]);
}

/** What both places that name a file say of it. The bytes are stored as they are: there is little to gain. */
function entryOf(name: string, bytes: Buffer): Buffer {
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(version, 0);
  entry.writeUInt16LE(date, 8);
  entry.writeUInt32LE(crc32(bytes), 10);
  entry.writeUInt32LE(bytes.length, 14);
  entry.writeUInt32LE(bytes.length, 18);
  entry.writeUInt16LE(name.length, 22);
  return entry;
}

function endOf(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(offset, 12);
  return signed('PK\u0005\u0006', end);
}

function signed(signature: string, ...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(signature, 'ascii'), ...parts]);
}
