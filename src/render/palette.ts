// The colours of pictures and pages by what they are for, on light and on dark ground. A colour never stands alone: shape, fill or a
// word says the same again.

/** Light ground first, then dark. Series are Okabe and Ito's, distinguished by readers with any colour vision. */
const COLOURS = {
  paper: ['#ffffff', '#0f141a'],
  ink: ['#1c2430', '#e6eaf0'],
  quiet: ['#56606e', '#a3adba'],
  raised: ['#f5f7fa', '#18202a'],
  grid: ['#e4e8ee', '#262f3a'],
  base: ['#98a4b5', '#5d6b7e'],
  band: ['#cfe3f3', '#1c3850'],
  good: ['#15803d', '#4ade80'],
  doubt: ['#8a5a00', '#fbbf24'],
  bad: ['#b91c1c', '#f87171'],
  badGround: ['#fbe9e7', '#3a1c1e'],
  blue: ['#0072b2', '#4aa8e0'],
  vermilion: ['#d55e00', '#ff8a3d'],
  green: ['#009e73', '#35c79a'],
  purple: ['#b8568f', '#e59cc4'],
  orange: ['#b07400', '#ffbf47'],
  /** For areas; too light for words on white. */
  amber: ['#e69f00', '#ffbf47'],
  sky: ['#3d9bd1', '#8fd0f5'],
  slate: ['#6b7686', '#b4bdc9'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

export type Role = keyof typeof COLOURS;

export const SERIES = [
  'blue',
  'vermilion',
  'green',
  'purple',
  'orange',
  'sky',
  'slate',
] as const satisfies readonly Role[];

export const colourOnLight = (role: Role): string => COLOURS[role][0];

export interface Paint {
  readonly fill?: Role | 'none';
  readonly stroke?: Role;
}

/** Attributes of an SVG element: the light colour, and the class that the dark style takes hold of. */
export const paint = ({ fill, stroke }: Paint): string => {
  const classes = [
    ...(fill === undefined || fill === 'none' ? [] : [`f-${fill}`]),
    ...(stroke === undefined ? [] : [`s-${stroke}`]),
  ];
  return [
    ...(classes.length === 0 ? [] : [`class="${classes.join(' ')}"`]),
    ...(fill === undefined ? [] : [`fill="${fill === 'none' ? 'none' : colourOnLight(fill)}"`]),
    ...(stroke === undefined ? [] : [`stroke="${colourOnLight(stroke)}"`]),
  ].join(' ');
};

const ROLES = Object.entries(COLOURS);

/** The rules for dark ground, for the roles that `body` uses. Programs that know no media query draw the light colours. */
export const darkStyle = (body: string): string => {
  const rules = ROLES.flatMap(([role, [, dark]]) => [
    ...(new RegExp(`\\bf-${role}\\b`).test(body) ? [`.f-${role}{fill:${dark}}`] : []),
    ...(new RegExp(`\\bs-${role}\\b`).test(body) ? [`.s-${role}{stroke:${dark}}`] : []),
  ]);
  return `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`;
};

/** The rules by which pictures inside a page follow its ground; print keeps the light colours. */
export const pictureColours = (): string =>
  `@media screen and (prefers-color-scheme:dark){${ROLES.map(([role, [, dark]]) => `.f-${role}{fill:${dark}}.s-${role}{stroke:${dark}}`).join('')}}`;

/** Custom properties of a page (`--ink`), for both grounds. */
export const pageColours = (): string => {
  const list = (ground: 0 | 1): string => ROLES.map(([role, pair]) => `--${role}:${pair[ground]}`).join(';');
  return `:root{${list(0)}}@media screen and (prefers-color-scheme:dark){:root{${list(1)}}}`;
};
