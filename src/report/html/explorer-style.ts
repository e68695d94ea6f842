// Style of the explored part of the page, by the colours and sizes of the shared sheet.

export const EXPLORER_STYLE = `.controls,.filters{display:flex;flex-wrap:wrap;gap:10px 22px;align-items:center}
.controls{margin-bottom:14px}
.axis{display:inline-flex;gap:8px;align-items:center}.axis label{color:var(--quiet);font-size:12.5px}
select{background:var(--paper);border:1px solid var(--base);border-radius:5px;padding:4px 6px;max-width:250px}
fieldset{border:0;padding:0;margin:0;min-width:0}legend{padding:0;color:var(--quiet);font-size:11.5px;margin-bottom:4px}
.chips{display:flex;flex-wrap:wrap;gap:5px;max-height:112px;overflow-y:auto}
.chips label{display:inline-flex;gap:6px;align-items:center;border:1px solid var(--grid);border-radius:99px;padding:2px 11px 2px 7px;font-size:12px;cursor:pointer;color:var(--quiet)}
.chips label:has(:checked){background:var(--raised);border-color:var(--base);color:var(--ink)}
.chips input{margin:0;accent-color:var(--blue)}
.filters{align-items:end}
#count{margin:14px 0 4px;font-size:12.5px;color:var(--quiet)}
.canvas{position:relative}canvas{display:block;width:100%;height:460px;border-radius:4px}
#tip{position:absolute;pointer-events:none;background:var(--paper);border:1px solid var(--base);border-radius:6px;padding:8px 12px;font-size:12px;line-height:1.5;max-width:320px;box-shadow:0 3px 14px rgb(0 0 0/.16);z-index:2;overflow-wrap:anywhere}
#tip b{display:block;margin-bottom:2px}#tip span{color:var(--quiet)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12px;color:var(--quiet);margin-top:6px}
.legend i{display:inline-block;width:16px;height:4px;border-radius:2px;margin-right:7px;vertical-align:middle}
#plot-help{margin:6px 0 0}
.pair{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin:14px 0;padding:10px 14px;background:var(--raised);border-radius:6px;font-size:12.5px}
#comparison,#cell{border-top:1px solid var(--grid);margin-top:18px;padding-top:4px}
#comparison:focus,#cell:focus{outline:0}
.decision{font-weight:bold;font-size:15px;margin:8px 0}
.GREEN{color:var(--good)}.YELLOW{color:var(--doubt)}.RED{color:var(--bad)}
.chosen td,.chosen th{background:var(--raised)}
td button.link{background:none;border:0;padding:0;color:var(--blue);text-decoration:underline;text-underline-offset:2px;text-align:left}
.pager{display:flex;gap:10px;align-items:center;font-size:12.5px;color:var(--quiet);margin:6px 0}
@media(max-width:960px){canvas{height:360px}}
@media print{#tip,.pager,#plot-help{display:none!important}canvas{height:88mm;width:auto;max-width:100%}}`;
