/* Light or dark: the system's choice until the person chooses. Runs before the first paint. */
(() => {
  const KEY = "theme";
  const read = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  show(read());
  document.addEventListener("desk:toggle-theme", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    try { localStorage.setItem(KEY, next); } catch { /* a private window forgets, and that is fine */ }
    show(next);
    document.dispatchEvent(new CustomEvent("desk:theme"));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) document.dispatchEvent(new CustomEvent("desk:toggle-theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("desk:theme")));
})();
