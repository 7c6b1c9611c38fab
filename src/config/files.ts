/** Reads files: bounded, and only as text. */
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** `problem`: the end of a sentence, which quotes nothing. */
export type FileText = { text: string } | { problem: string };

const kib = 1024;

/** The text of a file, without a byte order mark. No pipe or device: nobody might ever write to it. */
export function readTextFile(path: string, maxBytes: number): FileText {
  try {
    if (!statSync(path).isFile()) return { problem: 'is not a file' };
    const bytes = readAtMost(path, maxBytes + 1);
    if (bytes.length > maxBytes) return { problem: `is larger than ${maxBytes / kib} KiB` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    const code = codeOf(error);
    return { problem: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not text in UTF-8' : cannotBeRead(code) };
  }
}

export function cannotBeRead(code: string): string {
  return `cannot be read (${code})`;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

/** The size of a pipe or a device is not known before it is read. */
export function readAtMost(path: string, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, buffer, length, bytes - length, null);
      length += read;
    } while (read > 0 && length < bytes);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** The same for every name of one file. */
export function fileId(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
