/* Keeps the page true: listens to the desk's socket, asks for this page anew at most twice a second, and puts what
   changed in place. When the socket is gone the page says so and greys itself. */
const EVENTS_MS = 500;
const MARKS_MS = 1000;
const SILENT_MS = 25000;
const SIGNED_OUT = 4401;
const MAY_NOT = 4403;
const path = document.body.dataset.socket;
const stale = document.getElementById("stale");
let pause = 500;
let heard = 0;
let due = 0;
let timer = 0;
let busy = false;
let took = 0;
const shown = new Map();

const time = new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function say(words) {
  const place = document.getElementById("liveness");
  if (place) place.textContent = words;
}

function lost(words) {
  if (!stale.hidden) return;
  const since = time.format(heard || Date.now());
  stale.textContent = words || `Not live since ${since} ET. The figures below are as they were then; reconnecting.`;
  stale.hidden = false;
  document.body.classList.add("is-stale");
  say("not live");
}

function found() {
  pause = 500;
  stale.hidden = true;
  document.body.classList.remove("is-stale");
  say("live");
}

/* Menus a person opened and fields a person typed in stay as they are. */
const morphing = {
  ignoreActiveValue: true,
  callbacks: {
    beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
    beforeNodeMorphed: (node) => !(node.nodeType === 1 && node.hasAttribute("data-drawn")),
  },
};

function place(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(old.id);
    if (!next || next.outerHTML === shown.get(old.id)) continue;
    shown.set(old.id, next.outerHTML);
    window.Idiomorph.morph(old, next, morphing);
  }
  window.htmx.process(document.body);
  say("live");
}

async function refresh() {
  timer = 0;
  if (busy) { ask(EVENTS_MS); return; }
  busy = true;
  due = 0;
  const began = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (answer.redirected && !answer.url.startsWith(location.origin + location.pathname)) { location.reload(); return; }
    if (answer.ok) {
      place(await answer.text());
      document.dispatchEvent(new CustomEvent("desk:changed"));
    }
  } catch { /* the socket's own loss tells the person; the next message asks again */ } finally {
    busy = false;
    took = performance.now() - began;
  }
}

/* A server that answers slowly is asked less often. */
function ask(wait) {
  const at = Date.now() + (wait ? Math.max(wait, 4 * took) : 0);
  if (timer && due <= at) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(refresh, at - Date.now());
}

function hear(message) {
  heard = Date.now();
  if (message.type === "tick") document.dispatchEvent(new CustomEvent("desk:tick", { detail: message }));
  if (message.type === "events") ask(EVENTS_MS);
  if (message.type === "marks") ask(MARKS_MS);
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
  socket.addEventListener("open", () => { const again = heard > 0; heard = Date.now(); found(); if (again) ask(0); });
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => {
    if (event.code === SIGNED_OUT) { lost("You are signed out. Reload the page to sign in."); return; }
    if (event.code === MAY_NOT) { lost("You may no longer see the desk; ask an administrator."); return; }
    lost();
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, 8000);
  });
  const watch = setInterval(() => {
    if (socket.readyState > 1) clearInterval(watch);
    else if (heard && Date.now() - heard > SILENT_MS) socket.close();
  }, 5000);
}

document.addEventListener("desk:refresh", () => ask(0));
document.addEventListener("htmx:afterSettle", () => document.dispatchEvent(new CustomEvent("desk:changed")));
if (path) connect();
