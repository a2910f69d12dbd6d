/** The style of reports and of the list of tests. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f5f7f9; --ink: #17202a; --faint: #5b6773; --line: #dfe4e9;
  --accent: #1d5fbf; --ok: #3f87a6; --fail: #98a2ad; --unknown: #c77700; --violating: #cf222e;
  --dim: #dde3e8; --fault: #7a55c7; --fault-band: rgba(122, 85, 199, 0.11);
  --leader: #18794e; --candidate: #b45f06; --follower: #c3d3df; --learner: #d9cdee; --silent: #cf222e;
  --valid: #18794e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12171d; --raised: #1a2129; --ink: #e4e9ee; --faint: #9aa7b4; --line: #2b343e;
    --accent: #6ba6ff; --ok: #58a6c7; --fail: #74808c; --unknown: #e09a3a; --violating: #ff6169;
    --dim: #2a333c; --fault: #a78bec; --fault-band: rgba(167, 139, 236, 0.16);
    --leader: #4cc38a; --candidate: #e09a3a; --follower: #35495a; --learner: #4a3f66; --silent: #ff6169;
    --valid: #4cc38a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1800px; padding: 20px clamp(12px, 3vw, 40px) 60px; }
h1, p, li { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }
h3 { font-size: 0.9rem; margin: 1rem 0 0.2rem; }
p { margin: 0.4rem 0; max-width: 80ch; }
a { color: var(--accent); }
code, pre { font: 0.85rem/1.5 ui-monospace, monospace; }
pre { background: var(--raised); border-radius: 6px; margin: 0.4rem 0; overflow-x: auto; padding: 10px 12px; }
.faint { color: var(--faint); }
.verdict { border-left: 6px solid var(--unknown); padding: 2px 0 2px 14px; }
.verdict.valid { border-color: var(--valid); }
.verdict.invalid { border-color: var(--violating); }
.badge { border: 1px solid; border-radius: 99px; color: var(--unknown); font-size: 0.8rem; padding: 1px 9px;
  white-space: nowrap; }
.badge.valid { color: var(--valid); }
.badge.invalid { color: var(--violating); }
.finding { border: 1px solid var(--line); border-radius: 8px; margin: 0.8rem 0; padding: 10px 14px; }
.finding h3 { margin-top: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { border-bottom: 1px solid var(--line); padding: 5px 18px 5px 0; text-align: left; }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
td { overflow-wrap: break-word; }
td.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
td.moment { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.wide { min-width: 16rem; overflow-wrap: anywhere; }
td button { min-height: 28px; padding: 0 10px; }
td { vertical-align: baseline; }
button, select { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; color: inherit;
  cursor: pointer; font: inherit; font-size: 0.88rem; min-height: 34px; padding: 3px 11px; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
select { max-width: 16rem; }
.calls button { max-width: 100%; overflow-wrap: anywhere; text-align: left; }
.calls { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px; }
.tools { align-items: center; background: var(--paper); border-bottom: 1px solid var(--line); display: flex;
  flex-wrap: wrap; gap: 6px; padding: 8px 0; position: sticky; top: 0; z-index: 2; }
.tools label { align-items: center; display: flex; gap: 6px; font-size: 0.88rem; }
#range { font-size: 0.85rem; font-variant-numeric: tabular-nums; margin-left: auto; }
canvas { border-radius: 3px; display: block; height: 20px; touch-action: pan-y; width: 100%; }
#operations, #faults, #latency, #rate, #availability, #roles { cursor: grab; }
#operations:active, #latency:active { cursor: grabbing; }
#overview { cursor: crosshair; touch-action: none; margin: 8px 0; }
.legend { display: flex; flex-wrap: wrap; font-size: 0.82rem; gap: 2px 14px; margin: 2px 0 4px; }
.legend span { white-space: nowrap; }
.legend i { border-radius: 2px; display: inline-block; height: 10px; margin-right: 5px; width: 14px; }
.legend .ok { background: var(--ok); }
.legend .fail { background: var(--fail); }
.legend .unknown { background: var(--unknown); }
.legend .violating { background: var(--violating); }
.legend .fault { background: var(--fault); }
.legend .leader { background: var(--leader); }
.legend .candidate { background: var(--candidate); }
.legend .follower { background: var(--follower); }
.legend .learner { background: var(--learner); }
.legend i.silent { background: var(--silent); height: 3px; vertical-align: 3px; }
.legend i.line { background: var(--ink); height: 2px; vertical-align: 4px; }
.legend i.thin { background: var(--ink); height: 1px; vertical-align: 4px; }
#selected { border: 1px solid var(--line); border-radius: 8px; margin: 8px 0; min-height: 4rem; padding: 8px 14px; }
#facts { display: grid; gap: 2px 14px; grid-template-columns: max-content 1fr; margin: 0; font-size: 0.9rem; }
#facts dt { color: var(--faint); }
#facts dd { font-family: ui-monospace, monospace; font-size: 0.84rem; margin: 0; overflow-wrap: anywhere; }
#tip { background: var(--ink); border-radius: 5px; color: var(--paper); font-size: 0.8rem; left: 0; max-width: min(38rem, 92vw);
  overflow-wrap: anywhere; padding: 4px 9px; pointer-events: none; position: fixed; top: 0; z-index: 3; }
kbd { background: var(--raised); border: 1px solid var(--line); border-radius: 4px; font: 0.8rem ui-monospace, monospace;
  padding: 0 5px; }
#broken { color: var(--violating); }
#broken:empty { display: none; }
@media (max-width: 600px) {
  body { padding-top: 14px; }
  h1, p, li { overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; }
  #range { margin-left: 0; width: 100%; }
  .tools { position: static; }
  #facts { grid-template-columns: 1fr; }
  #facts dd { margin-bottom: 4px; }
  th, td { padding-right: 12px; }
}
@media print { .tools { position: static; } button, select { display: none; } }
`;
