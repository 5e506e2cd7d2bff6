/**
 * The style of the page of a run: light and dark, without anything from elsewhere. Text and borders
 * have a contrast of at least 4.5 to 1 in both themes; no state is shown by colour alone.
 */
export const pageStyle = `
:root { color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --muted: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae;
  --cached: #1a7f37; --cached-fill: #e6f6ea; --ran: #8a5300; --ran-fill: #fff4dd;
  --failed: #b3261e; --failed-fill: #ffebe9; --stopped: #57606a; --stopped-fill: #eef1f4; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0d1117; --text: #e6edf3; --muted: #9da7b3; --line: #3d444d; --panel: #161b22; --link: #79b8ff;
  --cached: #56d364; --cached-fill: #10291a; --ran: #e3b341; --ran-fill: #2e230b;
  --failed: #ff8a82; --failed-fill: #3a1614; --stopped: #9da7b3; --stopped-fill: #21262d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
h2 .state { font-size: .875rem; vertical-align: .1em; }
code, pre, svg .name { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
code, pre { font-size: .875em; }
h1 code, h2 code { font-size: 1em; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; white-space: pre-wrap; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
.muted { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody th { white-space: normal; min-width: 6rem; }
.steps th[scope=rowgroup] { padding-top: 1rem; }
.steps td:last-child { padding-right: 0; text-align: right; }
td.step { width: 100%; white-space: normal; }
th { color: var(--muted); font-weight: 600; }
section { border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem; margin: 1.5rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; margin: 0 0 1rem; }
dt { color: var(--muted); }
dd { margin: 0; }
summary { cursor: pointer; font-weight: 600; }
.state { border: 1px solid currentColor; border-radius: 1rem; padding: .05rem .6rem; white-space: nowrap; }
.state.built, .state.cached { color: var(--cached); background: var(--cached-fill); }
.state.planned, .state.building, .state.ran { color: var(--ran); background: var(--ran-fill); }
.state.failed { color: var(--failed); background: var(--failed-fill); }
.state.waiting, .state.unchanged, .state.stopped { color: var(--stopped); background: var(--stopped-fill); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0 0 .75rem; }
.legend .bar { display: inline-block; width: 1.5rem; height: .75rem; }
.timeline { list-style: none; margin: 0; padding: 0; }
.timeline li { display: grid; grid-template-columns: 15rem 1fr; gap: .1rem 1rem; align-items: center; padding: .2rem 0; }
.track { position: relative; display: block; height: 1.5rem; border-left: 1px solid var(--line); border-right: 1px solid var(--line); }
.track .bar { position: absolute; top: 0; bottom: 0; min-width: 2px; padding: 0 .25rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.track .bar:empty { padding: 0; }
.bar { border-radius: 2px; color: #ffffff; font: .75rem/1.5rem system-ui, sans-serif; }
.bar.waiting { background: var(--panel); border: 1px dashed var(--line); color: var(--muted); line-height: 1.35rem; }
.bar.build { background: var(--line); }
.bar.base { background: #0969da; }
.bar.restore { background: #8250df; }
.bar.steps { background: #b04600; }
.bar.push { background: #1a7f37; }
.bar.save { background: #b32d80; }
.axis { display: flex; justify-content: space-between; margin: .25rem 0 0 16rem; font-size: .875rem; }
svg { max-width: none; }
svg text { fill: var(--text); font-size: 13px; }
svg .name { font-weight: 600; font-size: 14px; }
svg .time { fill: var(--muted); font-size: 12px; }
svg rect { fill: var(--panel); stroke: var(--line); stroke-width: 1.5; }
svg .cached rect { fill: var(--cached-fill); stroke: var(--cached); }
svg .ran rect { fill: var(--ran-fill); stroke: var(--ran); }
svg .failed rect { fill: var(--failed-fill); stroke: var(--failed); stroke-width: 2.5; }
svg .stopped rect { stroke-dasharray: 5 4; stroke: var(--stopped); }
.edge { fill: none; stroke: var(--muted); stroke-width: 1.5; }
.arrow { fill: var(--muted); }
@media (max-width: 40rem) { dl, .timeline li { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } body { padding: .75rem; }
  section { padding: .75rem; } .axis { margin-left: 0; } th, td { padding-right: .5rem; } .state { padding: 0 .4rem; font-size: .875em; } }
@media print { section { break-inside: avoid; } }
`;
