/*
 * The status page. It asks /status.json every two seconds and /history.json
 * for what is new in the last hour, and changes only what is different, so
 * that nothing flickers and a screen reader hears only news.
 *
 * Logins, senders and what hosts answered are written by strangers. They go
 * into the page as text nodes and nothing else.
 */
"use strict";

const EVERY = 2000, HISTORY_EVERY = 10000, TIMEOUT = 6000;
const SVG = "http://www.w3.org/2000/svg";
const SLOTS = 360, SLOTS_A_BAR = 6;
const at = (id) => document.getElementById(id);

/* --- text --- */

/* What cannot be seen, or turns the line around, is named. */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

function plain(value) {
  return String(value).replace(HIDDEN, (c) =>
    "\\u" + c.codePointAt(0).toString(16).padStart(4, "0"));
}

function setText(node, value) {
  const text = plain(value);
  if (node.textContent !== text)
    node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value))
    node.setAttribute(name, value);
}

function setHidden(node, hidden) {
  if (node.hidden !== hidden)
    node.hidden = hidden;
}

/* make("td", "num", child, "text"...) */
function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className)
    node.className = className;
  for (const child of children)
    node.append(typeof child === "string" ? plain(child) : child);
  return node;
}

function makeSvg(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    node.setAttribute(name, value);
  return node;
}

function cell(className, label, ...children) {
  const node = make("td", className, ...children);
  node.setAttribute("role", "cell");
  if (label)
    node.dataset.label = label;
  return node;
}

const NUMBER = new Intl.NumberFormat("en");
const number = (n) => NUMBER.format(n);

function clock(time) {
  return time.toLocaleTimeString("en-GB");
}

/* "12:03:10", with the day when that is not today. */
function moment(iso) {
  const time = new Date(iso), today = new Date();
  if (time.toDateString() === today.toDateString())
    return clock(time);
  return time.toLocaleDateString("en-GB", { day: "numeric", month: "short" }) +
    ", " + clock(time);
}

function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60)
    return s + " s";
  if (s < 3600)
    return Math.floor(s / 60) + " min";
  const minutes = Math.floor(s % 3600 / 60);
  if (s < 48 * 3600)
    return Math.floor(s / 3600) + " h" + (minutes ? ` ${minutes} min` : "");
  return Math.floor(s / 86400) + " days";
}

/* --- rows that stay --- */

/*
 * Brings the rows of a body to those of a list, keyed, in its order: make a
 * row where there is none, fill each, take away what is gone.
 */
function rows(body, list, keyOf, makeRow, fill) {
  const old = new Map();
  for (const row of body.children)
    old.set(row.weirKey, row);
  let next = body.firstElementChild;
  for (const item of list) {
    const key = keyOf(item);
    let row = old.get(key);
    if (row === undefined) {
      row = makeRow(item);
      row.weirKey = key;
      row.setAttribute("role", "row");
    }
    old.delete(key);
    if (row === next)
      next = next.nextElementSibling;
    else
      body.insertBefore(row, next);
    fill(row, item);
  }
  for (const row of old.values())
    row.remove();
}

function makeBar() {
  const bar = make("span", "bar", document.createElement("i"));
  bar.setAttribute("aria-hidden", "true");
  return bar;
}

function setBar(bar, percent, how) {
  const part = String(Math.min(100, Math.max(0, Math.round(percent * 10) / 10)));
  if (bar.dataset.part !== part) {
    bar.dataset.part = part;
    bar.firstChild.style.setProperty("--part", part);
  }
  setAttribute(bar, "data-how", how);
}

/* --- the last hour --- */

const past = { epoch: "", first: 1, last: 0, time: 0, hosts: new Map() };

function takeHistory(told) {
  if (told.epoch !== past.epoch) {
    past.epoch = told.epoch;
    past.hosts.clear();
    past.last = told.first - 1;
  }
  const fresh = Math.max(0, told.last - past.last);
  const kept = new Map();
  for (const host of told.hosts) {
    const had = past.hosts.get(host.name) ||
      { selected: [], delivered: [], failed: [], states: "" };
    const join = (key) => had[key].concat(host[key].slice(-fresh || Infinity))
      .slice(-SLOTS);
    kept.set(host.name, fresh === 0 ? had : {
      selected: join("selected"), delivered: join("delivered"),
      failed: join("failed"),
      states: (had.states + host.states.slice(-fresh)).slice(-SLOTS),
    });
  }
  past.hosts = kept;
  past.last = told.last;
  past.time = new Date(told.time).getTime();
}

const sum = (list) => list.reduce((a, b) => a + b, 0);

/* Slots of a series that ends with the last one, as bars of a minute. */
function bars(series) {
  const first = past.last - series.length; /* slots before it */
  const list = [];
  for (let i = 0; i < series.length; i++) {
    const bar = Math.floor((first + i) / SLOTS_A_BAR) -
      Math.floor(first / SLOTS_A_BAR);
    list[bar] = (list[bar] || 0) + series[i];
  }
  return list;
}

const BARS = SLOTS / SLOTS_A_BAR + 1, BAR = 10, TALL = 80, BAND = 8;

function makeChart() {
  const svg = makeSvg("svg", { viewBox: `0 0 ${BARS * BAR} ${TALL + BAND + 4}`,
    preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(makeSvg("rect", { class: "base", x: 0, y: TALL + 4,
    width: BARS * BAR, height: BAND }));
  for (const name of ["h", "d", "x", "u", "flow", "bad"])
    svg.append(makeSvg("path", { class: name }));
  svg.append(makeSvg("rect", { class: "cursor", y: 0, width: BAR,
    height: TALL + BAND + 4 }));
  const chart = make("div", "chart", svg);
  chart.tabIndex = 0;
  chart.setAttribute("role", "img");
  chart.addEventListener("keydown", chartKey);
  chart.addEventListener("pointermove", chartPoint);
  chart.addEventListener("focus", () => point(chart, BARS - 1));
  chart.addEventListener("blur", () => setText(at("readout"), ""));
  chart.addEventListener("pointerleave", () => setText(at("readout"), ""));
  return chart;
}

/* Runs of one letter as rectangles of a path. */
function bandPath(states, letter) {
  const wide = BARS * BAR / (BARS * SLOTS_A_BAR);
  const start = BARS * SLOTS_A_BAR - states.length -
    (SLOTS_A_BAR - 1 - (past.last - 1) % SLOTS_A_BAR);
  let path = "";
  for (let i = 0; i < states.length; i++) {
    if (states[i] !== letter)
      continue;
    let end = i;
    while (states[end + 1] === letter)
      end++;
    path += `M${(start + i) * wide} ${TALL + 4}h${(end + 1 - i) * wide}v${BAND}` +
      `h-${(end + 1 - i) * wide}z`;
    i = end;
  }
  return path;
}

/* Bars from the right; over what is below them already. */
function barPath(list, below, most) {
  let path = "";
  const start = BARS - list.length;
  for (let i = 0; i < list.length; i++) {
    if (!list[i])
      continue;
    const base = TALL - TALL * (below[i] || 0) / most;
    const high = Math.max(2, TALL * list[i] / most);
    path += `M${(start + i) * BAR + 1} ${base}v-${high}h${BAR - 2}v${high}z`;
  }
  return path;
}

function fillChart(chart, name, most) {
  const track = past.hosts.get(name);
  if (track === undefined)
    return;
  const flow = bars(track.selected), bad = bars(track.failed);
  const paths = { flow: barPath(flow, [], most), bad: barPath(bad, flow, most) };
  for (const letter of "hdxu")
    paths[letter] = bandPath(track.states, letter);
  for (const path of chart.querySelectorAll("path"))
    setAttribute(path, "d", paths[path.getAttribute("class")]);
  chart.weirTrack = { name, flow, bad, delivered: bars(track.delivered),
    states: track.states };
  const sick = [...track.states].filter((s) => s === "u").length / 6;
  setAttribute(chart, "aria-label", `${plain(name)} in the last hour: ` +
    `${number(sum(track.selected))} messages, ${number(sum(track.failed))} ` +
    `failures` + (sick ? `, unhealthy for ${Math.ceil(sick)} min` : "") +
    ". Arrow keys read it minute by minute.");
}

/* The most of any minute of any host: one scale for all. */
function mostOfAll() {
  let most = 1;
  for (const track of past.hosts.values()) {
    const bad = bars(track.failed);
    bars(track.selected).forEach((n, i) => {
      most = Math.max(most, n + (bad[i] || 0));
    });
  }
  return most;
}

function point(chart, bar) {
  const track = chart.weirTrack;
  if (track === undefined)
    return;
  chart.weirBar = Math.min(BARS - 1, Math.max(0, bar));
  setAttribute(chart.querySelector(".cursor"), "x", chart.weirBar * BAR);
  const i = chart.weirBar - (BARS - track.flow.length);
  const before = (BARS - 1 - chart.weirBar) * SLOTS_A_BAR * 10000;
  const open = ((past.last - 1) % SLOTS_A_BAR + 1) * 10000;
  const begin = new Date(past.time - open - before);
  const words = i < 0 ? "nothing known yet" :
    `${number(track.flow[i] || 0)} messages, ` +
    `${number(track.delivered[i] || 0)} recipients delivered, ` +
    `${number(track.bad[i] || 0)} failures`;
  setText(at("readout"), `${track.name}, minute from ${clock(begin)}: ${words}`);
}

function chartKey(event) {
  const chart = event.currentTarget;
  const now = chart.weirBar === undefined ? BARS - 1 : chart.weirBar;
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0,
    End: BARS - 1 }[event.key];
  if (to === undefined)
    return;
  event.preventDefault();
  point(chart, to);
}

function chartPoint(event) {
  const box = event.currentTarget.getBoundingClientRect();
  point(event.currentTarget,
    Math.floor((event.clientX - box.left) / box.width * BARS));
}

/* --- smart hosts --- */

function makeHost() {
  const row = make("tr", "",
    cell("", "", make("span", "state")),
    cell("", "", make("bdi", "name"), document.createTextNode(" "),
      make("bdi", "minor"), make("bdi", "note")),
    cell("wide", "", makeChart()),
    cell("", "Share", make("span", "percent"), makeBar()),
    cell("num", "Selected", make("span")),
    cell("num", "Delivered", make("span")),
    cell("num", "Failed", make("span")));
  return row;
}

function hostNote(host) {
  const parts = [];
  if (host.state === "drained" || host.state === "down")
    parts.push(host.until ? `until ${moment(host.until)}` :
      "until weirctl enable");
  if (host.since) {
    const away = span((Date.now() - new Date(host.since)) / 1000);
    parts.push(`${host.state === "unhealthy" ? "since" : "sick since"} ` +
      `${moment(host.since)}, ${away}`);
    parts.push(`${host.stage}: ${host.last_error || host.error}`);
  }
  if (host.next_retry && host.state === "unhealthy")
    parts.push(`next try ${moment(host.next_retry)}`);
  if (host.tls_days_left !== null && host.tls_days_left < 14)
    parts.push(host.tls_days_left < 0 ? "its certificate has ended" :
      `its certificate ends in ${host.tls_days_left} days`);
  return parts.join(" · ");
}

function fillHost(row, host) {
  const [state, name, chart, share, selected, delivered, failed] = row.children;
  const note = hostNote(host);
  setText(state.firstChild, host.state);
  setAttribute(state.firstChild, "data-is", host.state);
  setText(name.children[0], host.name);
  setText(name.children[1], host.nexthop);
  setText(name.children[2], note);
  setAttribute(name.children[2], "class",
    host.since ? "note bad" : "note warn");
  setHidden(name.children[2], note === "");
  fillChart(chart.firstChild, host.name, mostOfAll.now);
  setText(share.children[0], host.share.toFixed(1) + " %");
  setBar(share.children[1], host.share, "");
  setText(selected.firstChild, number(host.selected));
  setText(delivered.firstChild, number(host.delivered));
  setText(failed.firstChild, number(host.failed));
}

/* --- limits and connections --- */

const howFull = (part) => part >= 1 ? "bad" : part >= 0.8 ? "warn" : "";

function makeFilled() {
  return make("tr", "",
    cell("", "", make("bdi", "name")),
    cell("", "", make("bdi", "minor")),
    cell("wide", "", make("span"), makeBar()),
    cell("num", "", make("span")));
}

function fillFilled(row, whose, what, used, limit, words, last, label) {
  const [name, rule, bar, end] = row.children;
  const part = limit === null ? 0 : used / limit;
  setText(name.firstChild, whose);
  setAttribute(name.firstChild, "title", plain(whose));
  setText(rule.firstChild, what);
  setText(bar.firstChild, words);
  setAttribute(bar.firstChild, "class", howFull(part) && "how-" + howFull(part));
  setBar(bar.children[1], part * 100, howFull(part));
  setText(end.firstChild, last);
  setAttribute(end, "data-label", label);
}

function fillLimit(row, limit) {
  fillFilled(row, limit.key.split("|").join(" | "),
    `${limit.rule}, ${span(limit.period)}`,
    limit.used, limit.limit,
    `${number(limit.used)} of ${number(limit.limit)} ${limit.what}`,
    span(limit.resets_in), "free again in");
}

const LIMIT_BY = { per_source: "for one source", percent: "by percent",
  total: "in all" };

function fillConnection(row, source) {
  const limit = source.limit === undefined ? null : source.limit;
  fillFilled(row, source.source, source.listener, source.open, limit,
    number(source.open) + (limit === null ? "" :
      ` of ${number(limit)} ${LIMIT_BY[source.limit_by] || ""}`),
    number(source.refused), "refused");
}

/* --- events --- */

const GRAVE = { MarkedUnhealthy: "bad", StateLost: "bad", ReloadRefused: "bad",
  LimitReached: "warn", IdentityRefused: "warn", Flapping: "warn",
  Drained: "warn", Down: "warn", Unrouted: "warn", LimitWarning: "warn",
  MarkedHealthy: "good", StateBack: "good", Enabled: "good" };

function makeEvent(event) {
  const time = make("time", "", moment(event.time));
  const what = make("td", "");
  time.dateTime = plain(event.time);
  time.title = plain(event.time);
  what.setAttribute("role", "cell");
  for (const [key, value] of Object.entries(event)) {
    if (["time", "event", "seq"].includes(key) || value === "")
      continue;
    what.append(make("span", "pairs", key + " ",
      make("bdi", "", make("b", "", String(value)))), " ");
  }
  return make("tr", "", cell("", "", time),
    cell(GRAVE[event.event] || "", "", event.event), what);
}

/* --- does mail flow? --- */

const SIGNS = { well: "✓", partly: "!", lame: "✕", not: "✕", away: "?",
  loading: "…" };

function show(state, headline, detail) {
  setAttribute(document.documentElement, "data-state", state);
  setText(at("sign"), SIGNS[state]);
  setText(at("headline"), headline);
  setText(at("detail"), detail);
  const title = state === "well" ? "Weir" : `${SIGNS[state]} ${headline}: Weir`;
  if (document.title !== plain(title))
    document.title = plain(title);
}

/* Of one host, without what changes each second: this is read aloud. */
function inWords(host) {
  if (host.state === "drained" || host.state === "down")
    return `${host.name} is ${host.state}`;
  return `${host.name} is sick since ${moment(host.since)} ` +
    `(${host.stage}: ${host.last_error || host.error})`;
}

function verdict(told) {
  const used = new Set(told.connectors.filter((c) => c.in_use)
    .flatMap((c) => c.members));
  const hosts = told.hosts.filter((host) => used.has(host.name));
  const out = hosts.filter((host) => host.state !== "healthy");
  const named = out.slice(0, 3).map(inWords).join("; ") +
    (out.length > 3 ? `; and ${out.length - 3} more` : "");
  switch (told.mail.flows) {
  case "well":
    show("well", "Mail flows", hosts.length === 0 ?
      "No route leads to a smart host: Postfix decides." :
      hosts.length === 1 ? "The smart host is usable." :
      `All ${hosts.length} smart hosts in use are usable.`);
    break;
  case "partly":
    show("partly", out.length === 1 ?
      `Mail flows without ${out[0].name}` :
      `Mail flows without ${out.length} of ${hosts.length} smart hosts`,
      named + ".");
    break;
  case "lame":
    show("lame", told.mail.without_host === null ?
      `Mail of connector ${told.mail.without} does not flow` :
      `Mail by ${told.mail.without_host} alone does not flow`, named + ".");
    break;
  default:
    show("not", "Mail does not flow",
      `No smart host that mail may go by is usable. ${named}.`);
  }
}

/* --- all of it --- */

function figures(told) {
  const tracks = [...past.hosts.values()];
  const hour = (key) => sum(tracks.map((track) => sum(track[key])));
  const minute = sum(tracks.map((track) => sum(track.selected.slice(-6))));
  setText(at("rate"), number(minute));
  setText(at("messages"), number(hour("selected")));
  setText(at("delivered"), number(hour("delivered")));
  setText(at("failed"), number(hour("failed")));
  setText(at("open"), number(told.status.connections));
  setText(at("keys"), number(told.status.state.keys));
}

function about(told) {
  const { version, uptime, generation, milters } = told.status;
  setText(at("about"), `${version} · up ${span(uptime)} · configuration ` +
    `${generation} · ${milters.length} milter` +
    (milters.length === 1 ? "" : "s"));
  setText(at("clock"), clock(new Date(told.time)));
}

function render(told) {
  mostOfAll.now = mostOfAll();
  verdict(told);
  about(told);
  figures(told);
  rows(at("hosts-rows"), told.hosts, (h) => h.name, makeHost, fillHost);
  setText(at("hosts-count"), told.hosts.length === 0 ? "" :
    `${told.hosts.filter((h) => h.state === "healthy").length} of ` +
    `${told.hosts.length} healthy`);
  setHidden(at("hosts-empty"), told.hosts.length !== 0);
  rows(at("limits-rows"), told.limits.slice(0, 8),
    (l) => JSON.stringify([l.rule, l.key, l.period]), makeFilled, fillLimit);
  setHidden(at("limits-empty"), told.limits.length !== 0);
  rows(at("connections-rows"), told.connections.slice(0, 8),
    (c) => JSON.stringify([c.listener, c.source]), makeFilled, fillConnection);
  setText(at("connections-count"), told.connections.length > 8 ?
    `8 of ${told.connections.length}` +
    (told.connections_truncated ? " and more" : "") : "");
  setHidden(at("connections-empty"), told.connections.length !== 0);
  rows(at("events-rows"), told.events.slice().reverse(),
    (e) => told.epoch + e.seq, makeEvent, () => {});
  setHidden(at("events-empty"), told.events.length !== 0);
}

async function ask(path) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const answer = await fetch(path, { cache: "no-store", signal: stop.signal });
    if (!answer.ok)
      throw new Error(`${path}: ${answer.status}`);
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

let awaySince = null, historyAt = -Infinity, timer = 0, busy = false;

function away() {
  if (awaySince === null)
    awaySince = new Date();
  show("away", "weir-policyd does not answer",
    `Since ${clock(awaySince)}; what stands below is from before. Mail goes ` +
    "on by Postfix's own default transport.");
}

async function askAll() {
  const told = await ask("/status.json");
  const now = performance.now();
  if (now - historyAt >= HISTORY_EVERY || told.epoch !== past.epoch) {
    takeHistory(await ask("/history.json?after=" +
      (told.epoch === past.epoch ? past.last : 0)));
    historyAt = now;
  }
  return told;
}

async function look() {
  if (busy)
    return;
  busy = true;
  clearTimeout(timer);
  const told = await askAll().catch(() => null);
  busy = false;
  timer = setTimeout(look, document.hidden ? HISTORY_EVERY : EVERY);
  if (told === null) {
    away();
  } else {
    awaySince = null;
    render(told);
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden)
    look();
});
look();
