/* The two pictures of the overview: equity, and one symbol's candles with our fills, stop and target. */
const { createChart, createSeriesMarkers, BaselineSeries, CandlestickSeries, LineStyle, CrosshairMode } = window.LightweightCharts;
const ZONE = "America/New_York";
const minute = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "short" });
const usd = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/* Custom properties hold light-dark(); a probe asks the browser what they come to. */
function colour(name, strength = 1) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return strength === 1 ? found : found.replace("rgb(", "rgba(").replace(")", `, ${strength})`);
}

function look(grid) {
  return {
    layout: { background: { color: "transparent" }, textColor: colour("mute"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11, attributionLogo: false },
    grid: { vertLines: { visible: false }, horzLines: { visible: grid, color: colour("line") } },
    rightPriceScale: { borderVisible: false },
    crosshair: { mode: CrosshairMode.Magnet, vertLine: { color: colour("edge"), labelBackgroundColor: colour("acc") }, horzLine: { color: colour("edge"), labelBackgroundColor: colour("acc") } },
  };
}

function make(place, grid, extra) {
  return createChart(place, {
    autoSize: true,
    handleScroll: { vertTouchDrag: false, mouseWheel: false },
    handleScale: { mouseWheel: false },
    localization: { timeFormatter: (at) => `${full.format(at * 1000)} ET`, priceFormatter: (value) => usd.format(value) },
    ...extra,
    ...look(grid),
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 2, allowBoldLabels: false, ...extra.timeScale },
  });
}

async function ask(place, query) {
  const answer = await fetch(`${place.dataset.source}?${new URLSearchParams(query)}`, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  return answer.json();
}

function remember(name, value) {
  const here = new URL(location.href);
  here.searchParams.set(name, value);
  history.replaceState(history.state, "", here);
}

class Curve {
  constructor(place) {
    this.place = place;
    this.range = document.querySelector("[data-range][aria-pressed=true]")?.dataset.range || "day";
    this.chart = make(place, false, { timeScale: { tickMarkFormatter: (at) => (this.range === "day" ? minute : day).format(at * 1000) } });
    this.series = this.chart.addSeries(BaselineSeries, { priceLineVisible: false, lineWidth: 2, lastValueVisible: false });
    this.last = 0;
    this.chart.timeScale().subscribeSizeChange(() => this.fit());
    this.paint();
    this.read();
  }

  fit() {
    if (this.count) this.chart.timeScale().setVisibleLogicalRange({ from: -0.02 * this.count - 1, to: this.count });
  }

  paint() {
    this.chart.applyOptions(look(false));
    this.series.applyOptions({
      topLineColor: colour("up"), topFillColor1: colour("up", 0.16), topFillColor2: colour("up", 0.02),
      bottomLineColor: colour("dn"), bottomFillColor1: colour("dn", 0.02), bottomFillColor2: colour("dn", 0.16),
    });
    if (this.line) this.line.applyOptions({ color: colour("edge") });
  }

  async read(since = 0) {
    const range = this.range;
    const data = await ask(this.place, since ? { range, since } : { range });
    if (!data || range !== this.range) return;
    const points = data.points.map(([time, value]) => ({ time, value: Number(value) }));
    if (since) points.forEach((point) => this.series.update(point));
    else this.begin(points, data.base);
    this.count = this.series.data().length;
    if (points.length) this.last = points[points.length - 1].time;
    this.fit();
  }

  begin(points, base) {
    this.last = 0;
    this.series.setData(points);
    if (this.line) { this.series.removePriceLine(this.line); this.line = null; }
    if (base === null) return;
    this.series.applyOptions({ baseValue: { type: "price", price: Number(base) } });
    this.line = this.series.createPriceLine({ price: Number(base), color: colour("edge"), lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false, title: "" });
  }

  choose(range) {
    this.range = range;
    for (const each of document.querySelectorAll("[data-range]")) each.setAttribute("aria-pressed", String(each.dataset.range === range));
    remember("range", range);
    this.read();
  }

  /* A new session has a new line to compare with, so a day's curve is read whole when its day is over. */
  follow() { this.read(this.last); }
}

/* Entry, stop and target are drawn as far as the candles stay readable: the nearest first, to three and a half times
   the height of the candles. What is too far away stands under Positions. */
function withLevels(range, levels) {
  const middle = (range.minValue + range.maxValue) / 2;
  const most = 3.5 * Math.max(range.maxValue - range.minValue, 0.008 * middle);
  const nearest = [...levels].sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
  return nearest.reduce((found, level) => {
    const wider = { minValue: Math.min(found.minValue, level), maxValue: Math.max(found.maxValue, level) };
    return wider.maxValue - wider.minValue <= most ? wider : found;
  }, range);
}

class Candles {
  constructor(place) {
    this.place = place;
    this.chart = make(place, true, { timeScale: { tickMarkFormatter: (at) => minute.format(at * 1000), minBarSpacing: 1 } });
    this.series = this.chart.addSeries(CandlestickSeries, { borderVisible: false, priceLineStyle: LineStyle.Dotted });
    this.marks = createSeriesMarkers(this.series, []);
    this.lines = [];
    this.last = 0;
    this.paint();
    this.read();
  }

  paint() {
    const [up, down] = [colour("up"), colour("dn")];
    this.chart.applyOptions(look(true));
    this.series.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, priceLineColor: colour("mute") });
    if (this.data) this.overlay(this.data);
  }

  async read(since = 0) {
    const symbol = this.place.dataset.symbol;
    const data = await ask(this.place, since ? { symbol, since } : { symbol });
    if (!data || symbol !== this.place.dataset.symbol) return;
    if (since && data.session !== this.session) { this.read(); return; }
    const bars = data.bars.map(([time, ...prices]) => {
      const [open, high, low, close] = prices.map(Number);
      return { time, open, high, low, close };
    });
    if (since) bars.forEach((bar) => this.series.update(bar));
    else { this.series.setData(bars); this.show(bars.length); this.last = 0; }
    if (bars.length) this.last = bars[bars.length - 1].time;
    this.session = data.session;
    this.data = data;
    this.overlay(data);
  }

  show(count) {
    const room = Math.max(40, Math.floor(this.place.clientWidth / 8));
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(count - room, -2), to: count + 3 });
  }

  overlay(data) {
    this.marks.setMarkers(data.fills.map((fill) => ({
      time: fill.at, text: fill.words,
      position: fill.side === "buy" ? "belowBar" : "aboveBar",
      shape: fill.side === "buy" ? "arrowUp" : "arrowDown",
      color: colour("acc"),
    })));
    this.lines.forEach((line) => this.series.removePriceLine(line));
    const tones = { stop: "dn", target: "up", entry: "acc" };
    this.lines = data.levels.map((level) => this.series.createPriceLine({
      price: Number(level.price), color: colour(tones[level.kind]), lineWidth: 1, lineStyle: LineStyle.Dashed, title: level.kind, axisLabelVisible: true,
    }));
    const levels = data.levels.map((level) => Number(level.price));
    this.series.applyOptions({ autoscaleInfoProvider: (original) => {
      const found = original();
      if (!found || !levels.length) return found;
      return { ...found, priceRange: withLevels(found.priceRange, levels) };
    } });
  }

  choose(symbol) {
    this.place.dataset.symbol = symbol;
    this.place.setAttribute("aria-label", `${symbol}, one-minute candles with our fills, stop and target`);
    remember("symbol", symbol);
    this.read();
  }

  follow() { this.read(this.last); }
}

const curvePlace = document.getElementById("curve");
const candlePlace = document.getElementById("candles");
const pictures = [];
const curve = curvePlace ? new Curve(curvePlace) : null;
const candles = candlePlace ? new Candles(candlePlace) : null;
if (curve) pictures.push(curve);
if (candles) pictures.push(candles);

document.addEventListener("desk:changed", () => pictures.forEach((picture) => picture.follow()));
document.addEventListener("desk:theme", () => pictures.forEach((picture) => picture.paint()));
document.addEventListener("click", (event) => {
  const range = event.target.closest("[data-range]");
  if (range && curve) curve.choose(range.dataset.range);
  const symbol = event.target.closest("[data-symbol]:not(#candles)");
  if (symbol && candles && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    candles.choose(symbol.dataset.symbol);
    document.dispatchEvent(new CustomEvent("desk:refresh"));
  }
});
