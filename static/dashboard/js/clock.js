/* The clock in the top bar and every age on the page, once a second. A simulated clock is not driven on from here. */
const THIN = "\u202f";
const time = new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit", second: "2-digit" });
let ahead = 0;

document.addEventListener("desk:tick", (event) => { ahead = Date.parse(event.detail.at) - Date.now(); });

function age(seconds) {
  const s = Math.max(seconds, 0);
  if (s < 10) return `${s.toFixed(1)}${THIN}s`;
  if (s < 120) return `${Math.floor(s)}${THIN}s`;
  if (s < 3600) return `${Math.floor(s / 60)}${THIN}min`;
  if (s < 172800) return `${Math.floor(s / 3600)}${THIN}h ${Math.floor((s % 3600) / 60)}${THIN}m`;
  return `${Math.floor(s / 86400)}${THIN}d`;
}

function turn() {
  const now = Date.now() + ahead;
  const clock = document.getElementById("clock");
  if (clock && "runs" in clock.dataset) clock.querySelector("b").textContent = time.format(now);
  for (const place of document.querySelectorAll("[data-age]")) {
    place.textContent = age((now - Date.parse(place.dataset.age)) / 1000);
  }
}

setInterval(turn, 1000);
