/* Keys: h halt, g and a letter to go, / search, t theme, ? the list. Silent while a person types. */
let going = 0;

function typing(target) {
  return target.closest("input, textarea, select, dialog[open]") !== null;
}

function go(key) {
  const place = document.querySelector(`.nav a[data-key="${CSS.escape(key)}"]`);
  if (place) location.assign(place.href);
}

const direct = {
  h: () => document.dispatchEvent(new CustomEvent("desk:open", { detail: "halt" })),
  "?": () => document.dispatchEvent(new CustomEvent("desk:open", { detail: "keys" })),
  t: () => document.dispatchEvent(new CustomEvent("desk:toggle-theme")),
  "/": () => document.querySelector("input[type=search]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  if (Date.now() - going < 1500) { going = 0; go(event.key); return; }
  if (event.key === "g") { going = Date.now(); return; }
  if (direct[event.key] && !(event.key === "h" && !document.querySelector("[data-opens=halt]"))) {
    event.preventDefault();
    direct[event.key]();
  }
});
