// Light or dark as the conversation is, whatever the machine prefers: the rules for dark ground of the page's sheet are switched on or off.

const DARK = /\(prefers-color-scheme:\s*dark\)/;

const rules = new Map<CSSMediaRule, string>();

const remember = (): void => {
  for (const { cssRules } of document.styleSheets)
    for (const rule of cssRules)
      if (rule instanceof CSSMediaRule && DARK.test(rule.media.mediaText) && !rules.has(rule))
        rules.set(rule, rule.media.mediaText);
};

/** Lets pictures that a script drew be drawn again. */
export const applyTheme = (theme: unknown): void => {
  if (theme !== 'light' && theme !== 'dark') return;
  remember();
  for (const [rule, media] of rules)
    rule.media.mediaText = media.replace(DARK, theme === 'dark' ? '(min-width:0)' : '(max-width:0)');
  document.documentElement.style.colorScheme = theme;
  dispatchEvent(new Event('resize'));
};
