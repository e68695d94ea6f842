// Grounds of table cells on a web page, on light and on dark ground: on both the stronger one is the better one. Written as classes,
// since a page of ours allows no style beside its own sheet.
import { groundOn, type Tint } from '../tint.ts';

const STEPS = 20;

export const tintClass = ({ share }: Pick<Tint, 'share'>): string =>
  `t${Math.round(Math.min(Math.max(share, 0), 1) * STEPS)}`;

const rules = (ground: 'light' | 'dark'): string =>
  Array.from({ length: STEPS + 1 }, (_, step) => {
    const { fill, ink } = groundOn(ground, step / STEPS);
    return `.t${step}{background:${fill};color:${ink}}`;
  }).join('');

/** The rules of all tints. Print takes the light ones. */
export const tintStyle = (): string =>
  `${rules('light')}@media screen and (prefers-color-scheme:dark){${rules('dark')}}`;
