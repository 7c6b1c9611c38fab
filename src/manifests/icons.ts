/** Elevate's icons: an arrow up in a rounded square. Drawn from distances, so that any size comes out clean. */
import { png } from './png.ts';

/** Also of the manifest. */
export const accent = '#4f46e5';

type Colour = readonly [red: number, green: number, blue: number];
/** How far a point is from an edge: negative inside. The square that is drawn into goes from 0 to 1. */
type Shape = (x: number, y: number) => number;

const white: Colour = [255, 255, 255];
const top: Colour = [0x6d, 0x66, 0xf5];
const bottom: Colour = [0x43, 0x38, 0xca];

/** Teams shows it beside each message: 192 × 192, in colour. */
export function colourIcon(): Buffer {
  const size = 192;
  const square = roundedSquare(0.5, 0.21);
  const arrow = arrowUp({ tip: 0.27, foot: 0.73, wing: 0.2, width: 0.1 });
  return draw(size, (x, y) => {
    const covered = (shape: Shape) => Math.min(1, Math.max(0, 0.5 - shape(x, y) * size));
    const colour = mix(mix(top, bottom, y), white, covered(arrow));
    return [...colour, Math.round(255 * covered(square))];
  });
}

/** Teams shows it in its bars: 32 × 32, and each pixel is white or not there. */
export function outlineIcon(): Buffer {
  const outer = roundedSquare(15 / 32, 0.21);
  const inner = roundedSquare(13 / 32, 0.15);
  const arrow = arrowUp({ tip: 9.5 / 32, foot: 22.5 / 32, wing: 5.5 / 32, width: 2.4 / 32 });
  return draw(32, (x, y) => {
    const isDrawn = (outer(x, y) < 0 && inner(x, y) > 0) || arrow(x, y) < 0;
    return [...white, isDrawn ? 255 : 0];
  });
}

function draw(size: number, pixel: (x: number, y: number) => readonly number[]): Buffer {
  const pixels = Array.from({ length: size * size }, (_, at) =>
    pixel(((at % size) + 0.5) / size, (Math.floor(at / size) + 0.5) / size),
  );
  return png(size, Uint8Array.from(pixels.flat()));
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const part = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * share);
  return [part(0), part(1), part(2)];
}

/** In the middle. `half`: from there to a side. */
function roundedSquare(half: number, radius: number): Shape {
  return (x, y) => {
    const across = Math.abs(x - 0.5) - half + radius;
    const along = Math.abs(y - 0.5) - half + radius;
    return Math.hypot(Math.max(across, 0), Math.max(along, 0)) + Math.min(Math.max(across, along), 0) - radius;
  };
}

/** A line from foot to tip and two wings down from the tip, all with round ends. */
function arrowUp({ tip, foot, wing, width }: { tip: number; foot: number; wing: number; width: number }): Shape {
  const lines = [line(0.5, foot), line(0.5 - wing, tip + wing), line(0.5 + wing, tip + wing)];
  return (x, y) => Math.min(...lines.map((distance) => distance(x, y))) - width / 2;

  function line(fromX: number, fromY: number): Shape {
    const [across, along] = [0.5 - fromX, tip - fromY];
    const length = across ** 2 + along ** 2;
    return (x, y) => {
      const share = Math.min(1, Math.max(0, ((x - fromX) * across + (y - fromY) * along) / length));
      return Math.hypot(x - fromX - across * share, y - fromY - along * share);
    };
  }
}
