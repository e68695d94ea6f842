// Grounds of table cells by value: one hue from weak to strong, so that the order reads in grey and to every eye.
import { scaleLinear } from 'd3-scale';

export interface Tint {
  /** From 0 (weak) to 1 (strong). */
  readonly share: number;
  /** `#rrggbb` of the ground. */
  readonly fill: string;
  /** `#rrggbb` of the text on it: black on light, white on dark. */
  readonly ink: string;
}

const AT = [0, 0.4, 0.75, 1] as const;

const hex = (channel: number): string => Math.round(channel).toString(16).padStart(2, '0');
const channels = (colour: string): number[] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** Red, green and blue of a share, on a ramp of four stops. */
const rampOf = (stops: readonly string[]): ((share: number) => readonly number[]) => {
  const ramps = [0, 1, 2].map((channel) =>
    scaleLinear(
      AT,
      stops.map((stop) => channels(stop)[channel] ?? 0),
    ).clamp(true),
  );
  return (share) => ramps.map((ramp) => ramp(share));
};

/** On both the stronger colour is the greater share. */
const RAMPS = {
  light: rampOf(['#eef4fa', '#9cc3e0', '#3f86bd', '#0b4a80']),
  dark: rampOf(['#17212c', '#1a3a57', '#1d5585', '#1b69ad']),
} as const;

/** Relative luminance of a colour (WCAG 2.2). */
const luminance = (parts: readonly number[]): number => {
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 10.3 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Above this luminance black contrasts better than white: the same contrast on both sides, 4.6 to 1. */
const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05;

/** The tint of a share between 0 and 1 on a page of that ground. The text is black or white, whichever contrasts better. */
export const groundOn = (ground: keyof typeof RAMPS, share: number): Omit<Tint, 'share'> => {
  const parts = RAMPS[ground](share);
  return { fill: `#${parts.map(hex).join('')}`, ink: luminance(parts) > MIDDLE ? '#000000' : '#ffffff' };
};

/** On paper. */
export const tintOf = (share: number): Tint => ({ share, ...groundOn('light', share) });
