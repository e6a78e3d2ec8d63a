/* Dialogs. The halt dialog asks the server at the moment it opens what a halt would do now. */
function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (dialog.dataset.source) load(dialog, dialog.dataset.source);
}

async function load(dialog, address) {
  const answer = await fetch(address, { headers: { "X-Part": "dialog" }, credentials: "same-origin" });
  if (answer.redirected && !answer.ok) { location.assign(address); return; }
  fill(dialog, await answer.text());
}

function fill(dialog, text) {
  const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-dialog]");
  if (!part) { location.assign(dialog.dataset.source); return; }
  dialog.replaceChildren(part);
  (part.querySelector("[aria-invalid=true]") || part.querySelector("[autofocus]"))?.focus();
}

/* Choosing another scope asks again what that would do; the words typed so far are kept. */
async function again(form) {
  const dialog = form.closest("dialog");
  const kept = new FormData(form);
  kept.delete("csrfmiddlewaretoken");
  await load(dialog, `${dialog.dataset.source}?${new URLSearchParams(kept)}`);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) { event.preventDefault(); open(document.getElementById(opener.dataset.opens)); }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("[data-opens]")) menu.open = false;
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("dialog [data-asks-again]")) again(event.target.form);
});
document.addEventListener("desk:open", (event) => open(document.getElementById(event.detail)));
