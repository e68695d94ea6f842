// The style sheet of every web page of ours: light or dark as its reader, narrow or wide, on screen or on paper. Holds the one scale of
// type and the colours of the palette; no font, no picture, nothing that a request would bring.
import { pageColours, pictureColours } from '../palette.ts';
import { tintStyle } from './web-tints.ts';

const TEXT = `*,*::before,*::after{box-sizing:border-box}
html{scroll-padding-top:24px;-webkit-text-size-adjust:100%;color-scheme:light dark}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.6 "DejaVu Sans",Verdana,system-ui,sans-serif}
h1{font-size:26px;line-height:1.25;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.35;margin:0 0 4px;text-wrap:balance}
h3{font-size:13.5px;line-height:1.4;margin:24px 0 8px}
p{margin:10px 0;max-width:88ch;overflow-wrap:break-word}
a{color:var(--blue);text-underline-offset:2px}
code,pre{font-family:"DejaVu Sans Mono",ui-monospace,monospace;font-size:12.5px}
pre{overflow-x:auto;padding:12px 14px;background:var(--raised);border-radius:6px}
ul{padding-left:20px;margin:10px 0;overflow-wrap:break-word}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 22px;margin:12px 0}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}dd ul{margin:0}
summary{cursor:pointer;font-weight:bold}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-9999px;top:8px;padding:8px 14px;background:var(--paper);z-index:9}
.skip:focus{left:12px}
.note,.banner{border-left:4px solid var(--doubt);padding:8px 14px;background:var(--raised);border-radius:0 6px 6px 0}
.banner{font-weight:bold}.banner.good{border-color:var(--good);color:var(--good)}
.banner.doubt{color:var(--doubt)}.banner.bad{border-color:var(--bad);color:var(--bad)}
[hidden]{display:none!important}
.badge{display:inline-block;padding:0 8px;border:1px solid var(--base);border-radius:999px;font-size:11.5px;line-height:1.6;white-space:nowrap;color:var(--quiet)}
.badge.good{border-color:var(--good);color:var(--good)}.badge.doubt{border-color:var(--doubt);color:var(--doubt)}
.badge.bad{border-color:var(--bad);color:var(--bad);background:var(--badGround);font-weight:bold}
.spark{display:inline-block;vertical-align:middle}`;

const FRAME = `.masthead,.frame,.foot{max-width:1440px;margin:0 auto;padding:0 32px}
.masthead{padding-top:36px;padding-bottom:22px}
.masthead .meta{color:var(--quiet);margin:0;max-width:none}
.masthead .lead{font-size:15px;margin:0 0 8px}
.frame{display:grid;grid-template-columns:196px minmax(0,1fr);gap:44px;align-items:start}
.pages{position:sticky;top:20px;max-height:calc(100vh - 40px);overflow-y:auto;font-size:13px;padding:2px}
.pages ol{list-style:none;margin:0;padding:0;border-left:2px solid var(--grid)}
.pages a{display:block;padding:4px 12px;margin-left:-2px;border-left:2px solid transparent;color:var(--quiet);text-decoration:none;line-height:1.35}
.pages a:hover{color:var(--ink)}
.pages a[aria-current]{color:var(--ink);border-left-color:var(--blue);font-weight:bold}
main{min-width:0}
main>section{padding:0 0 44px}
main>section+section{padding-top:36px;border-top:1px solid var(--grid)}
.kicker{color:var(--quiet);font-size:11.5px;letter-spacing:.09em;text-transform:uppercase;margin:0 0 2px}
.shape{color:var(--quiet);font-size:12.5px;margin:0 0 18px;max-width:none}
.foot{color:var(--quiet);font-size:12px;border-top:1px solid var(--grid);padding-top:14px;padding-bottom:30px}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,470px),1fr));gap:6px 36px}
figure{margin:14px 0;overflow-x:auto;content-visibility:auto;contain-intrinsic-size:auto 620px}
figure svg{display:block;max-width:100%;height:auto;min-width:min(600px,100%)}
@media(max-width:960px){.masthead,.frame,.foot{padding-left:18px;padding-right:18px}.masthead{padding-top:22px}
.frame{grid-template-columns:minmax(0,1fr);gap:18px}
.pages{position:static;max-height:none}.pages ol{display:flex;flex-wrap:wrap;border:0;gap:0 2px;margin-left:-10px}
.pages a,.pages a[aria-current]{border:0;padding:3px 10px;margin:0}
figure svg{min-width:600px}dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}}`;

const TABLES = `.table{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:12.5px;line-height:1.45}
th,td{padding:5px 16px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th{font-weight:normal}thead th{color:var(--quiet);border-bottom:1.5px solid var(--base);vertical-align:bottom}
td{overflow-wrap:break-word}
.number{text-align:right;font-variant-numeric:tabular-nums}td.number{white-space:nowrap}
tbody tr:hover{background:var(--raised)}
.best{font-weight:bold}
.heat{border-collapse:separate;border-spacing:3px;margin-left:-3px}
.heat th,.heat td{border:0;padding:4px 7px;border-radius:4px}
.heat th:first-child{padding-left:3px}.heat tbody th{min-width:9.5em}.heat tbody tr:hover{background:none}
.heat .absent{color:var(--quiet);border:1px dashed var(--base);font-size:11.5px;white-space:nowrap}
.tools{display:flex;gap:14px;align-items:center;margin:4px 0 14px}
.search{display:flex;gap:14px;align-items:center;margin:10px 0}.search .count{color:var(--quiet);font-size:12.5px}
input[type=search]{width:min(340px,100%);padding:6px 10px;border:1px solid var(--base);border-radius:6px;background:var(--paper)}
button,select,input{font:inherit;font-size:12.5px;color:inherit}
button{background:var(--raised);border:1px solid var(--grid);border-radius:5px;padding:4px 11px;cursor:pointer}
button:hover{border-color:var(--base)}
button.quiet{background:none;border:0;padding:2px 0;color:var(--quiet);text-decoration:underline;text-decoration-color:var(--base);text-underline-offset:3px}
button.quiet:hover{color:var(--ink)}
button.sort{background:none;border:0;padding:0;color:inherit;font-size:inherit;text-align:inherit}
button.sort::after{content:"";display:inline-block;width:1.1em;text-align:center}
[aria-sort] button.sort{color:var(--ink);font-weight:bold}
[aria-sort=ascending] button.sort::after{content:"\\2191"}[aria-sort=descending] button.sort::after{content:"\\2193"}
button.sort:hover{color:var(--ink);text-decoration:underline}`;

const PAPER = `@page{margin:13mm}@media print{body{font-size:10pt}figure svg{max-height:124mm;width:auto}.pages,.skip,.tools,.only-screen{display:none!important}
.masthead,.frame,.foot{max-width:none;padding-left:0;padding-right:0}.masthead{padding-top:0}.foot{padding-bottom:0}.frame{display:block}
main>section{break-after:page;border:0!important;padding:0!important}main>section:last-child{break-after:auto}
h2,h3{break-after:avoid}tr,figure{break-inside:avoid}.table,figure{overflow:visible;content-visibility:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}`;

let sheet: string | undefined;

/** The whole sheet; put together once, since a site has thousands of pages. */
export const webStyle = (): string =>
  (sheet ??= [pageColours(), pictureColours(), tintStyle(), TEXT, FRAME, TABLES, PAPER].join(`\n`));
