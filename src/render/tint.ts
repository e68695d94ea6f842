// Grounds of table cells by value: one hue from light to dark, so that the order reads in grey and to every eye.
import { scaleLinear } from 'd3-scale';

export interface Tint {
  /** `#rrggbb` of the ground. */
  readonly fill: string;
  /** `#rrggbb` of the text on it: dark on light, white on dark. */
  readonly ink: string;
}

const STOPS = ['#eef4fa', '#9cc3e0', '#3f86bd', '#0b4a80'] as const;
const AT = [0, 0.4, 0.75, 1] as const;

const hex = (channel: number): string => Math.round(channel).toString(16).padStart(2, '0');
const channels = (colour: string): number[] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

const ramps = [0, 1, 2].map((channel) =>
  scaleLinear(
    AT,
    STOPS.map((stop) => channels(stop)[channel] ?? 0),
  ).clamp(true),
);

/** The tint of a share between 0 (light) and 1 (dark). White text from where it contrasts better than dark text. */
export const tintOf = (share: number): Tint => ({
  fill: `#${ramps.map((ramp) => hex(ramp(share))).join('')}`,
  ink: share > 0.76 ? '#ffffff' : '#1c2430',
});
