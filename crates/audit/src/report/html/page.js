'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const { summary, findings, checks } = data;
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
const WORDS = { fail: 'failed', not_assessable: 'not assessable', error: 'error', pass: 'in order', excepted: 'excepted' };

// Text only ever becomes text: nothing of the account is read as markup.
function el(name, attributes, ...children) {
  const node = document.createElement(name);
  put(node, attributes, children);
  return node;
}
function svg(name, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  put(node, attributes, children);
  return node;
}
function put(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'on') for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (key === 'style') for (const [name, text] of Object.entries(value)) node.style.setProperty(name, text);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value);
  }
  for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== '') node.append(child);
}
const by = (id) => document.getElementById(id);
const counts = (f) => f.status === 'fail' && !(f.exception && !f.exception.expired);
const state = (f) => f.status === 'fail' && !counts(f) ? 'excepted' : f.status;
const word = (f) => counts(f) ? f.severity : WORDS[state(f)];
const kind = (f) => counts(f) ? f.severity : state(f);
const score = (f) => f.risk ? f.risk.score : 0;
const short = (arn) => { const m = /^arn:[^:]*:iam::[^:]*:(.+)$/.exec(arn); return m ? m[1] : arn; };
const badge = (f) => el('span', { class: 'badge ' + kind(f) }, word(f));
const many = (n, one, more) => n + ' ' + (n === 1 ? one : more || one + 's');
const arn = (text) => el('span', { class: 'arn' }, text);
const link = (url) => /^https:\/\//.test(url) ? el('a', { href: url, rel: 'noreferrer' }, url) : url;

// Pages.
const pages = ['overview', 'findings', 'principals', 'graph', 'compliance'];
const drawn = {};
function open(page) {
  for (const name of pages) {
    by('page-' + name).hidden = name !== page;
    by('tab-' + name).setAttribute('aria-selected', name === page);
  }
  if (!drawn[page]) { drawn[page] = true; draw[page](by('page-' + page)); }
  if (location.hash.slice(1).split('/')[0] !== page) history.replaceState(null, '', '#' + page);
}
const draw = { overview, findings: findingsPage, principals: principalsPage, graph: graphPage, compliance: compliancePage };

// Overview.
function overview(page) {
  const failed = summary.counts.failed;
  page.append(el('div', { class: 'tiles' },
    SEVERITIES.map((name, n) => el('div', { class: 'tile' }, el('b', { class: name }, failed[n].toLocaleString('en')), el('span', null, name))),
    [['excepted', 'excepted'], ['not_assessable', 'not assessable'], ['errors', 'errors']].filter(([name]) => summary.counts[name])
      .map(([name, text]) => el('div', { class: 'tile' }, el('b', null, summary.counts[name].toLocaleString('en')), el('span', null, text)))));
  if (summary.baseline) page.append(el('p', { class: 'note' }, 'Beside the older audit: ' + summary.baseline.new + ' new, ' +
    summary.baseline.fixed.length + ' fixed, ' + summary.baseline.unchanged + ' unchanged, ' + summary.baseline.unknown.length + ' not judged now.'));
  if (summary.exceptions) for (const it of summary.exceptions.expired) page.append(el('p', { class: 'note' }, el('b', { class: 'critical' }, 'Exception over: '),
    it.covers + ', until ' + it.expires + ', owner ' + it.owner + ': ' + it.reason));
  page.append(el('h2', null, 'Grades'), el('div', { class: 'grades' }, summary.grades.map((grade) =>
    el('button', { class: 'grade', type: 'button', on: { click: () => show({ area: grade.title, state: '' }) } },
      el('span', { class: 'letter ' + grade.grade }, grade.grade === '-' ? '–' : grade.grade),
      el('span', null, el('b', null, grade.title), el('small', null, grade.because))))),
    el('p', { class: 'soft' }, 'An area has the grade of the worst thing in it: F critical, D high, C medium, B low, A nothing worse than a remark.'));
  if (summary.accounts.length > 1) page.append(el('h2', null, 'Accounts'), el('table', null,
    el('thead', null, el('tr', null, ['Account', 'Name', 'Grade', 'Critical', 'High', 'Medium', 'Low', 'To do first'].map((t, n) => el('th', { class: n > 2 && n < 7 ? 'n' : '' }, t)))),
    el('tbody', null, [...summary.accounts].sort((a, b) => compare(b.counts.failed, a.counts.failed)).map((account) =>
      el('tr', { class: 'row', on: { click: () => show({ account: account.account, state: 'fail' }) } },
        el('td', null, account.account), el('td', null, account.name || ''), el('td', null, account.grade === '-' ? '–' : account.grade),
        account.counts.failed.slice(0, 4).map((n) => el('td', { class: 'n' }, String(n))), el('td', null, account.first || ''))))));
  page.append(el('h2', null, summary.actions.length ? 'What to do first' : 'Nothing to do'), el('ol', { class: 'actions' }, summary.actions.slice(0, 10).map(action)));
  if (summary.all_actions > 10) page.append(el('details', null, el('summary', null, 'More of ' + summary.all_actions + ' things to do'),
    el('ol', { class: 'actions', style: { 'counter-reset': 'n 10' } }, summary.actions.slice(10).map(action))));
  if (summary.notes.length) page.append(el('h2', null, 'To know'), el('ul', { class: 'plain' }, summary.notes.map((note) => el('li', null, note))));
  if (summary.inputs.length) page.append(el('h2', null, 'What was read'), el('ul', { class: 'plain' }, summary.inputs.map((input) => el('li', null, input))));
}
function compare(a, b) { for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return a[n] - b[n]; return 0; }
function action(it) {
  const radius = Object.entries(it.radius).map(([name, n]) => many(n, name, name.endsWith('y') && !name.endsWith('ey') ? name.slice(0, -1) + 'ies' : undefined)).join(', ');
  return el('li', null,
    el('b', null, it.action[0].toUpperCase() + it.action.slice(1)), ' ', el('span', { class: 'badge ' + it.severity }, it.severity + ' · risk ' + it.risk),
    el('p', null, 'Ends ' + many(it.findings, 'finding') + ' about ' + radius + (it.reaches ? '; reaches ' + it.reaches : '') + '.'),
    el('details', null, el('summary', { class: 'soft' }, 'How'), el('p', null, it.summary),
      el('ul', { class: 'plain' }, it.targets.map((target) => el('li', null, arn(target)))),
      it.commands ? el('pre', null, it.commands.join('\n')) : '', it.terraform ? el('p', null, 'Terraform: ' + it.terraform) : '',
      el('button', { class: 'button', type: 'button', on: { click: () => show({ text: it.worst, state: '' }) } }, 'Show the worst finding')));
}

// Findings.
const filter = { text: '', severity: '', state: 'fail', area: '', check: '', account: '', since: '' };
const haystack = findings.map((f) => [f.fingerprint, f.check, (checks[f.check] || {}).title, f.resource, f.message, f.principals.join(' '), f.actions.join(' '),
  f.external ? f.external.who : '', (f.path || []).map((s) => s.id + ' ' + s.from + ' ' + s.to).join(' ')].join('\n').toLowerCase());
let redraw = () => {};
function show(wanted) {
  Object.assign(filter, { text: '', severity: '', state: 'fail', area: '', check: '', account: '', since: '' }, wanted);
  open('findings'); redraw(); scrollTo(0, 0);
}
function findingsPage(page) {
  const list = el('div'), told = el('p', { class: 'soft' });
  const options = (values, all) => [el('option', { value: '' }, all), values.map(([value, text]) => el('option', { value }, text))];
  const choose = (name, values, all) => el('select', { 'aria-label': all, 'data-name': name, on: { change: (e) => { filter[name] = e.target.value; update(); } } }, options(values, all));
  const unique = (of) => [...new Set(findings.map(of))].filter(Boolean).sort();
  const search = el('input', { type: 'search', placeholder: 'Search names, ARNs, actions, fingerprints …', 'aria-label': 'Search', on: { input: (e) => { filter.text = e.target.value; update(); } } });
  const selects = [choose('state', Object.entries(WORDS), 'every result'), choose('severity', SEVERITIES.map((s) => [s, s]), 'every severity'),
    choose('area', unique((f) => (checks[f.check] || {}).area).map((a) => [a, a]), 'every area'), choose('check', unique((f) => f.check).map((c) => [c, c]), 'every check')];
  if (summary.accounts.length > 1) selects.push(choose('account', unique((f) => f.account).map((a) => [a, a]), 'every account'));
  if (summary.baseline) selects.push(choose('since', [['new', 'new'], ['unchanged', 'unchanged']], 'new and old'));
  page.append(el('div', { class: 'filters' }, search, selects), told, list);
  let shown = 100;
  const update = () => { shown = 100; fill(); };
  function fill() {
    const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = findings.filter((f, n) => (!filter.severity || f.severity === filter.severity) && (!filter.state || state(f) === filter.state) &&
      (!filter.area || (checks[f.check] || {}).area === filter.area) && (!filter.check || f.check === filter.check) &&
      (!filter.account || f.account === filter.account) && (!filter.since || f.since === filter.since) && words.every((w) => haystack[n].includes(w)));
    told.textContent = many(hits.length, 'finding') + (data.omitted ? '; ' + data.omitted + ' of lesser risk are only in the JSON report' : '');
    list.replaceChildren(...hits.slice(0, shown).map(finding));
    if (hits.length > shown) list.append(el('button', { class: 'button', type: 'button', on: { click: () => { shown += 300; fill(); } } }, 'Show more'));
  }
  redraw = () => { search.value = filter.text; for (const it of selects) it.value = filter[it.dataset.name]; update(); };
  redraw();
}
function finding(f) {
  const node = el('details', { class: 'finding', on: { toggle: () => { if (node.open && !node.full) { node.full = true; node.append(body(f)); } } } },
    el('summary', null, badge(f), el('span', null, f.message || (checks[f.check] || {}).title, f.since === 'new' ? [' ', el('span', { class: 'badge high' }, 'new')] : '', el('span', { class: 'arn' }, short(f.resource))),
      el('span', { class: 'risk' }, f.risk ? [el('b', null, String(f.risk.score)), ' ', el('small', null, 'risk')] : '')));
  return node;
}
function part(name, ...rest) { return [el('h3', null, name), rest]; }
function body(f) {
  const check = checks[f.check] || { references: [] };
  const it = el('div', { class: 'body' }, el('p', null, el('b', null, check.title || f.check), '. ', check.why || ''),
    el('p', { class: 'soft' }, f.check + ' · account ' + f.account + ' · ', arn(f.resource), ' · ', el('code', null, f.fingerprint)));
  if (f.exception) it.append(el('p', { class: 'note' }, (f.exception.expired ? 'The exception is over since ' : 'Excepted until ') + f.exception.expires + ': ' + f.exception.reason +
    ' (owner ' + f.exception.owner + ', approved by ' + f.exception.approver + ')'));
  if (f.external) it.append(...part('Who', el('div', null, f.external.who + (f.external.name ? ' (' + f.external.name + ')' : ''), f.external.conditions ? ' if ' + f.external.conditions.join(' and ') : '')).flat(9));
  if (f.path) it.append(...part('Path', el('ol', { class: 'steps' }, f.path.map((s) => el('li', null, el('b', null, short(s.from) + ' → ' + short(s.to)), ' ', el('code', null, s.id), el('div', null, s.how),
    s.through ? el('div', { class: 'soft' }, 'through ', arn(s.through)) : '', el('div', { class: 'soft' }, s.actions.join(', ')), (s.conditions || []).map((c) => el('div', { class: 'soft' }, 'if ' + c)))))).flat(9));
  if (f.principals.length) it.append(...part('Principals', el('ul', { class: 'plain' }, f.principals.slice(0, 50).map((p) => el('li', null, arn(p))), f.principals.length > 50 ? el('li', null, 'and ' + (f.principals.length - 50) + ' more') : '')).flat(9));
  if (f.actions.length) it.append(...part('Actions', el('code', null, f.actions.join(' '))).flat(9));
  if (f.risk) it.append(...part('Risk ' + f.risk.score + ' = reach × exposure × protection', ['reach', 'exposure', 'protection'].map((name) =>
    el('div', { class: 'bar' }, el('b', null, name), String(f.risk[name].value), el('i', { style: { '--part': f.risk[name].value * 100 + '%' } }), el('span', null, f.risk[name].because)))).flat(9));
  if (f.witness) it.append(...part('A request that shows it', el('pre', null, f.witness.principal + '\n  ' + f.witness.action + '\n  ' + f.witness.resource +
    Object.entries(f.witness.context || {}).map(([k, v]) => '\n  ' + k + ' = ' + v.join(', ')).join(''))).flat(9));
  if (f.evidence.length) it.append(...part('Evidence', el('ul', { class: 'plain' }, f.evidence.map((e) => el('li', null, e.what, e.source ? [' (', arn(e.source), e.policy ? ', inline policy ' + e.policy : '',
    e.statement ? ', statement ' + e.statement : '', e.line ? ', line ' + e.line : '', ')'] : '', e.text ? el('pre', null, e.text) : '')))).flat(9));
  if (f.fix) it.append(...part('Fix', el('p', null, f.fix.summary), f.fix.commands ? el('pre', null, f.fix.commands.join('\n')) : '', f.fix.diff ? diff(f.fix.diff) : '', f.fix.terraform ? el('p', null, 'Terraform: ' + f.fix.terraform) : '').flat(9));
  if (check.judged) it.append(...part('How it is judged', el('p', null, check.judged)).flat(9));
  if (check.references.length) it.append(el('ul', { class: 'plain' }, check.references.map((url) => el('li', null, link(url)))));
  return it;
}
function diff(text) {
  return el('pre', null, text.split('\n').map((line) => el('span', { class: line[0] === '+' ? 'plus' : line[0] === '-' ? 'minus' : '' }, line + '\n')));
}

// Principals.
const isPrincipal = (text) => /:(user|role|group)\//.test(text) || /:root$/.test(text);
function principalsPage(page) {
  const all = new Map();
  const of = (name) => { if (!all.has(name)) all.set(name, { name, findings: [], paths: 0, score: 0, reach: '', worst: 5 }); return all.get(name); };
  for (const f of findings) {
    if (!counts(f)) continue;
    const starts = f.path && f.path.length ? [f.path[0].from] : [];
    for (const name of new Set([f.resource, ...f.principals, ...starts].filter(isPrincipal))) {
      const it = of(name);
      it.findings.push(f);
      if (starts.includes(name)) it.paths++;
      if (score(f) > it.score || !it.reach) { it.score = Math.max(it.score, score(f)); it.reach = f.risk ? f.risk.reach.because : ''; }
      it.worst = Math.min(it.worst, SEVERITIES.indexOf(f.severity));
    }
  }
  const sorted = [...all.values()].sort((a, b) => b.score - a.score || a.worst - b.worst || b.findings.length - a.findings.length);
  const rows = el('tbody'), told = el('p', { class: 'soft' });
  const search = el('input', { type: 'search', placeholder: 'Search principals …', 'aria-label': 'Search principals', on: { input: () => fill(200) } });
  function fill(most) {
    const hits = sorted.filter((it) => it.name.toLowerCase().includes(search.value.toLowerCase()));
    told.textContent = many(hits.length, 'principal') + ' with findings';
    rows.replaceChildren(...hits.slice(0, most).map(row));
    if (hits.length > most) rows.append(el('tr', null, el('td', { colspan: 6 }, el('button', { class: 'button', type: 'button', on: { click: () => fill(most + 500) } }, 'Show more'))));
  }
  function row(it) {
    const line = el('tr', { class: 'row', on: { click: () => {
      if (line.more) { line.more.remove(); line.more = null; return; }
      line.more = el('tr', null, el('td', { colspan: 6 }, it.findings.slice(0, 60).map(finding), it.findings.length > 60 ? 'and ' + (it.findings.length - 60) + ' more' : ''));
      line.after(line.more);
    } } }, el('td', null, arn(short(it.name)), summary.accounts.length > 1 ? el('div', { class: 'soft' }, it.name.split(':')[4]) : ''),
      el('td', null, el('span', { class: 'badge ' + SEVERITIES[it.worst] }, SEVERITIES[it.worst])), el('td', { class: 'n' }, String(it.findings.length)),
      el('td', { class: 'n' }, it.paths ? String(it.paths) : '–'), el('td', { class: 'n' }, String(it.score)), el('td', null, it.reach.replace(short(it.name) + ': ', '')));
    return line;
  }
  page.append(el('div', { class: 'filters' }, search), told, el('table', null, el('thead', null, el('tr', null, ['Principal', 'Worst', 'Findings', 'Paths', 'Risk', 'Reaches'].map((t, n) => el('th', { class: n > 1 && n < 5 ? 'n' : '' }, t)))), rows));
  fill(200);
}

// The graph of escalation paths: from the left to what is reached on the right.
const MORE = 'more permissions';
function graphPage(page) {
  const paths = findings.filter((f) => counts(f) && f.path && f.path.length);
  if (!paths.length) { page.append(el('p', { class: 'soft' }, 'No escalation paths were found.')); return; }
  const aside = el('aside'), canvas = svg('svg', { id: 'canvas', role: 'img', 'aria-label': 'Escalation paths' });
  const search = el('input', { type: 'search', placeholder: 'Only paths through …', 'aria-label': 'Only paths through', on: { input: () => lay() } });
  const most = el('select', { 'aria-label': 'How many', on: { change: () => lay() } }, [40, 100, 300].map((n) => el('option', { value: n }, 'the ' + n + ' riskiest paths')));
  page.append(el('div', { class: 'filters' }, search, most), el('div', { class: 'split' }, canvas, aside));
  let view;
  function lay() {
    const wanted = search.value.toLowerCase();
    const chosen = paths.filter((f) => !wanted || f.path.some((s) => (s.from + ' ' + s.to + ' ' + s.id + ' ' + (s.through || '')).toLowerCase().includes(wanted))).slice(0, +most.value);
    const nodes = new Map(), edges = new Map();
    const node = (name) => { if (!nodes.has(name)) nodes.set(name, { name, rank: 0, out: new Set(), into: new Set() }); return nodes.get(name); };
    for (const f of chosen) for (const s of f.path) {
      const to = s.to === s.from ? MORE : s.to, key = s.from + '\n' + to;
      node(s.from).out.add(to); node(to).into.add(s.from);
      if (!edges.has(key)) edges.set(key, { from: s.from, to, steps: new Map(), findings: new Set() });
      edges.get(key).steps.set(s.id, s); edges.get(key).findings.add(f);
    }
    // Columns by the distance to an end; circles stop at the first visit.
    let front = [...nodes.values()].filter((n) => !n.out.size);
    if (!front.length) front = [...nodes.values()].slice(0, 1);
    const seen = new Set(front), columns = [];
    while (front.length) {
      columns.unshift(front);
      const next = [];
      for (const n of front) for (const name of n.into) { const m = nodes.get(name); if (!seen.has(m)) { seen.add(m); next.push(m); } }
      front = next;
    }
    const left = [...nodes.values()].filter((n) => !seen.has(n));
    if (left.length) columns.unshift(left);
    const W = 230, GAP = 130, H = 30, STEP = 42, tallest = Math.max(...columns.map((c) => c.length));
    columns.forEach((column, x) => {
      column.sort((a, b) => b.into.size + b.out.size - a.into.size - a.out.size || (a.name < b.name ? -1 : 1));
      column.forEach((n, y) => { n.x = x * (W + GAP); n.y = (y + (tallest - column.length) / 2) * STEP; });
    });
    const groups = { edges: svg('g'), nodes: svg('g') }, drawnEdges = [], drawnNodes = new Map();
    for (const e of edges.values()) {
      const a = nodes.get(e.from), b = nodes.get(e.to), x1 = a.x + W, y1 = a.y + H / 2, x2 = b.x - 3, y2 = b.y + H / 2, m = Math.max(50, Math.abs(x2 - x1) / 2);
      const line = svg('path', { d: `M${x1},${y1} C${x1 + m},${y1} ${x2 - m},${y2} ${x2},${y2}`, 'marker-end': 'url(#tip)' }, svg('title', null, [...e.steps.keys()].join(', ')));
      groups.edges.append(line); drawnEdges.push([e, line]);
    }
    for (const n of nodes.values()) {
      const name = short(n.name), box = svg('g', { class: 'node' + (n.out.size ? '' : ' end'), transform: `translate(${n.x},${n.y})`, on: { click: () => choose(n) } },
        svg('rect', { width: W, height: H, rx: 7 }), svg('text', { x: 10, y: 19 }, name.length > 32 ? name.slice(0, 31) + '…' : name), svg('title', null, n.name));
      groups.nodes.append(box); drawnNodes.set(n.name, box);
    }
    canvas.replaceChildren(svg('defs', null, svg('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { d: 'M0,0 L8,4 L0,8 z' }))), groups.edges, groups.nodes);
    const width = columns.length * (W + GAP) - GAP, height = tallest * STEP;
    view = { x: -20, y: -20, w: Math.max(width + 40, 700), h: Math.max(height + 40, 300) };
    if (view.h > 900) view.h = 900, view.y = (height - 900) / 2;
    look();
    function choose(n) {
      const lit = new Set([n.name]), follow = (name, way) => { for (const next of nodes.get(name)[way]) if (!lit.has(next)) { lit.add(next); follow(next, way); } };
      follow(n.name, 'out'); const ahead = new Set(lit); follow(n.name, 'into');
      for (const [name, box] of drawnNodes) { box.classList.toggle('faded', !lit.has(name)); box.classList.toggle('chosen', name === n.name); }
      for (const [e, line] of drawnEdges) { const on = lit.has(e.from) && lit.has(e.to); line.classList.toggle('faded', !on); line.classList.toggle('lit', on && ahead.has(e.from)); }
      const leaves = [...edges.values()].filter((e) => e.from === n.name), comes = [...edges.values()].filter((e) => e.to === n.name);
      aside.replaceChildren(el('h2', null, short(n.name)), el('p', { class: 'arn soft' }, n.name), el('p', null, 'Reaches ' + many(ahead.size - 1, 'other node') + '; reached from ' + many(lit.size - ahead.size, 'node') + '.'),
        ...(leaves.length ? [el('h3', null, 'Can become'), ...leaves.map((e) => el('p', null, el('b', null, short(e.to)), [...e.steps.values()].map((s) => el('div', null, el('code', null, s.id), ' ', s.how))))] : []),
        ...(comes.length ? [el('h3', null, 'Reached by'), el('ul', { class: 'plain' }, comes.slice(0, 40).map((e) => el('li', null, short(e.from), ' ', el('code', null, [...e.steps.keys()].join(', ')))))] : []),
        el('button', { class: 'button', type: 'button', on: { click: () => show({ text: n.name === MORE ? '' : n.name }) } }, 'Show its findings'));
    }
    aside.replaceChildren(el('h2', null, many(chosen.length, 'path')), el('p', { class: 'soft' }, many(nodes.size, 'node') + '. Click a node to see what it reaches and who reaches it; drag to move, turn the wheel to zoom. Framed in red: where paths end.'),
      el('ul', { class: 'plain' }, chosen.slice(0, 25).map((f) => el('li', null, short(f.path[0].from) + ' → ' + short(f.path[f.path.length - 1].to), ' ', el('span', { class: 'soft' }, f.path.map((s) => s.id).join(', '))))));
  }
  const look = () => canvas.setAttribute('viewBox', [view.x, view.y, view.w, view.h].join(' '));
  canvas.addEventListener('wheel', (e) => {
    e.preventDefault();
    const r = canvas.getBoundingClientRect(), k = e.deltaY > 0 ? 1.15 : 1 / 1.15, px = (e.clientX - r.left) / r.width, py = (e.clientY - r.top) / r.height;
    view.x += view.w * px * (1 - k); view.y += view.h * py * (1 - k); view.w *= k; view.h *= k; look();
  }, { passive: false });
  let held = null;
  canvas.addEventListener('pointerdown', (e) => { held = { x: e.clientX, y: e.clientY, vx: view.x, vy: view.y }; });
  addEventListener('pointerup', () => { held = null; });
  canvas.addEventListener('pointermove', (e) => {
    if (!held) return;
    const scale = Math.max(view.w / canvas.clientWidth, view.h / canvas.clientHeight);
    view.x = held.vx - (e.clientX - held.x) * scale; view.y = held.vy - (e.clientY - held.y) * scale; look();
  });
  lay();
}

// Compliance.
function compliancePage(page) {
  const all = summary.compliance || [];
  if (!all.length) { page.append(el('p', { class: 'soft' }, 'No standard was asked for.')); return; }
  page.append(el('p', { class: 'note' }, all[0].scope));
  const style = { passed: 'pass', failed: 'high', not_assessable: 'info' }, all_of = (it, status) => it.requirements.filter((r) => r.status === status).length;
  const byPrint = new Map(findings.map((f) => [f.fingerprint, f]));
  for (const it of all) {
    const rows = el('tbody', null, it.requirements.map((r) => el('tr', null, el('td', null, el('b', null, r.id)), el('td', null, r.title, (r.reasons || []).map((t) => el('div', { class: 'soft' }, t))),
      el('td', null, el('span', { class: 'badge ' + style[r.status] }, r.status.replace('_', ' '))),
      el('td', null, r.findings.length ? el('details', null, el('summary', null, many(r.findings.length, 'finding')), r.findings.slice(0, 20).map((print) => byPrint.get(print)).filter(Boolean).map(finding)) : r.status === 'passed' ? many(r.passed, 'thing') + ' in order' : ''))));
    page.append(el('details', all.length === 1 ? { open: '' } : null, el('summary', null, el('b', null, it.name), ' ', el('span', { class: 'soft' },
      all_of(it, 'passed') + ' passed, ' + all_of(it, 'failed') + ' failed, ' + all_of(it, 'not_assessable') + ' not assessable')),
      el('table', null, el('thead', null, el('tr', null, ['Id', 'Requirement', 'Result', 'Evidence'].map((t) => el('th', null, t)))), rows)));
  }
}

const name = summary.accounts.length === 1 ? 'Account ' + summary.accounts[0].account + (summary.accounts[0].name ? ' (' + summary.accounts[0].name + ')' : '') : many(summary.accounts.length, 'account');
by('title').textContent = name;
by('about').textContent = 'Identity and access, as of ' + summary.generated.slice(0, 10);
for (const page of pages) by('tab-' + page).addEventListener('click', () => open(page));
const first = location.hash.slice(1);
open(pages.includes(first) ? first : 'overview');
addEventListener('beforeprint', () => { for (const page of pages) if (!drawn[page] && page !== 'graph') { drawn[page] = true; draw[page](by('page-' + page)); } });
