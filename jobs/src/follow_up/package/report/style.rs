//! The report's style: system fonts, dark on white, A4 in print with page numbers.

/// The style sheet. It names nothing outside the file.
pub(super) const CSS: &str = r#"
:root { --ink: #1b2129; --quiet: #4a5563; --line: #c4ccd6; --soft: #f3f6f9; --main: #1d4f80; --light: #c9d9e8; --target: #a8320f; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: #fff; font-size: 16px; line-height: 1.75; overflow-wrap: break-word;
  font-family: "Hiragino Sans", "Hiragino Kaku Gothic ProN", "BIZ UDPGothic", "Yu Gothic", Meiryo, "Noto Sans CJK JP", "Noto Sans JP", sans-serif;
  font-variant-numeric: tabular-nums; }
html[lang=en] body { font-family: "Segoe UI", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Noto Sans", "Noto Sans CJK JP", sans-serif; line-height: 1.6; }
a { color: var(--main); overflow-wrap: anywhere; }
nav.languages { display: flex; justify-content: flex-end; gap: 1rem; padding: .5rem 1.5rem; border-bottom: 1px solid var(--line); font-size: .9rem; }
main { max-width: 66rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1, h2, h3, caption, th { line-height: 1.4; text-wrap: balance; word-break: auto-phrase; }
h1 { font-size: 1.9rem; margin: .3rem 0 1.2rem; letter-spacing: .01em; }
h1 .sub { display: block; margin-top: .4rem; font-size: 1.2rem; font-weight: normal; color: var(--quiet); }
h2 { font-size: 1.4rem; margin: 3rem 0 1rem; padding-bottom: .35rem; border-bottom: 2px solid var(--main); }
h3 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
h3 .code { margin-right: .6em; color: var(--quiet); font-weight: normal; }
p { margin: .6rem 0; }
.path { margin: 2rem 0 0; } .path + h3 { margin-top: 0; }
.kicker { margin: 0; color: var(--quiet); }
.quiet { color: var(--quiet); font-size: .9rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 2rem; margin: 0; }
.facts div { display: flex; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
.facts dt { flex: 0 0 7em; color: var(--quiet); }
html[lang=en] .facts dt { flex-basis: 8.5em; }
.facts dd { margin: 0; min-width: 0; }
.correction { margin: 1.5rem 0; padding: .8rem 1rem; border-left: 4px solid var(--target); background: #fdf3ef; }
.standing { margin: 1.2rem 0; padding: .6rem 1rem; border: 1px solid var(--line); background: var(--soft); font-size: .9rem; }
.attained { margin-bottom: 0; }
.attained + ul { margin-top: .2rem; }
.contents ol { columns: 20rem; margin: 0; padding-left: 1.6em; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; margin: 1.2rem 0 0; padding: 0; list-style: none; }
.cards li { display: flex; flex-direction: column; padding: .9rem 1rem; border: 1px solid var(--line); border-top: 4px solid var(--main); }
.cards .name { flex: 1; font-size: .9rem; line-height: 1.5; }
.cards .number { margin: .3rem 0 0; font-size: 2rem; line-height: 1.2; font-weight: 600; }
.cards .status { margin: .6rem 0 .3rem; font-size: 1rem; line-height: 1.5; color: var(--quiet); }
.cards .aside { font-size: .85rem; line-height: 1.5; color: var(--quiet); }
.cards .met { margin-top: .4rem; font-size: .9rem; font-weight: 600; }
.wide, .pane { margin: 0 0 1.5rem; }
.wide { overflow-x: auto; }
.hint { display: none; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; line-height: 1.5; }
caption { padding: .4rem 0; text-align: left; font-weight: 600; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--ink); background: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: normal; }
tbody tr:last-child > * { border-bottom: 2px solid var(--ink); }
.n { text-align: right; }
.many .n, .many .day, .many .met { white-space: nowrap; }
.many thead .n { white-space: normal; min-width: 5.5em; }
.many tbody th { min-width: 9em; }
td .quiet, th .quiet { font-size: .8rem; }
ul.plain { margin: 0; padding: 0; list-style: none; }
code { font-family: Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 2rem 2.5rem; align-items: start; margin-bottom: 2rem; }
figure { margin: 0; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-size: .9rem; line-height: 1.5; font-weight: 600; }
figcaption .quiet { display: block; font-weight: normal; }
svg text { font-size: 12px; fill: var(--ink); font-family: inherit; }
svg .quiet { fill: var(--quiet); font-size: 12px; } svg .strong text { font-weight: 600; } svg .count { font-size: 11px; } svg .strong .count { font-weight: normal; }
svg .name, svg .count, svg .heading { stroke: #fff; stroke-width: 3px; paint-order: stroke; }
svg .halo { stroke: #fff; stroke-width: 3px; paint-order: stroke; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .rule { stroke: #dbe1e8; stroke-width: 1; } svg .axis { stroke: #6a7686; stroke-width: 1; }
svg .series { fill: none; stroke: var(--main); stroke-width: 2.5; stroke-linejoin: round; } svg .dot { fill: var(--main); stroke: #fff; stroke-width: 1.5; }
svg .bar { fill: var(--main); } svg .bar.total { fill: var(--ink); } svg .under { stroke: #fff; stroke-width: 4; } svg .rest { fill: var(--light); }
svg .withheld { stroke: #8792a0; stroke-width: 1; stroke-dasharray: 2 2; }
svg .target { stroke: var(--target); stroke-width: 1.75; stroke-dasharray: 6 4; } svg .target.reference { stroke-dasharray: 2 4; }
svg .hatch { stroke: #8792a0; stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .2rem 0 0; padding: 0; list-style: none; font-size: .85rem; line-height: 1.5; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend svg { flex: none; width: 28px; height: 12px; }
@media screen and (max-width: 48rem) {
  main { padding: 1rem 1rem 3rem; } nav.languages { padding: .5rem 1rem; }
  h1 { font-size: 1.5rem; }
  .hint { display: inline; font-weight: normal; color: var(--quiet); font-size: .8rem; }
  .wide { border-right: 3px double var(--line); }
  .wide caption { position: sticky; left: 0; }
  .many { min-width: 48rem; }
  .many thead th, .many tbody td { min-width: 6em; }
  .cards { grid-template-columns: 1fr 1fr; gap: .6rem; } .cards li { padding: .6rem .7rem; } .cards .number { font-size: 1.6rem; }
  .pane table { font-size: .8rem; } .pane th, .pane td { padding: .3rem .35rem; overflow-wrap: anywhere; }
}
@page { size: A4; margin: 17mm 15mm 18mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 8pt; color: #4a5563; } }
@media print {
  html { font-size: 10pt; }
  body { font-size: 9.5pt; line-height: 1.6; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav.languages { display: none; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 8mm; } h3 { font-size: 11pt; }
  h2, h3, .path, caption, figcaption { break-after: avoid; }
  .facts { grid-template-columns: 1fr 1fr; gap: 0 6mm; } .facts dt { flex-basis: 6.5em; }
  .cards { grid-template-columns: repeat(3, 1fr); gap: 3mm; } .cards .number { font-size: 17pt; }
  .contents ol { columns: 2; }
  .charts { grid-template-columns: 1fr 1fr; gap: 5mm 6mm; }
  table { font-size: 8pt; } th, td { padding: 1mm 1.5mm; } td .quiet, th .quiet { font-size: 7pt; }
  .wide { overflow: visible; } .many .n, .many .day, .many .met { white-space: normal; } .many thead .n, .many tbody th { min-width: 0; }
  thead { display: table-header-group; } tbody tr:first-child { break-before: avoid; }
  tr, figure, .cards li, .facts div { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
  a { color: inherit; text-decoration: none; }
}
"#;
