// One key for what is done all day. Elements say with data-key which key presses them.

const STORE = "keys";
let last = null; // the theme that + and − speak of

const on = () => localStorage.getItem(STORE) !== "off";

function show() {
  document.documentElement.toggleAttribute("data-keys", on());
  const button = document.getElementById("keys-off");
  if (button) button.textContent = on() ? button.dataset.off : button.dataset.on;
}

const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

function move(step) {
  const links = [...document.querySelectorAll(".rows .open")];
  if (!links.length) return false;
  const row = document.activeElement?.closest?.(".item");
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[Math.max(0, Math.min(links.length - 1, at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(selector) {
  const element = document.querySelector(selector);
  if (!element || element.disabled) return false;
  if (element.matches("input")) {
    element.focus();
    element.select();
  } else element.click();
  return true;
}

function mark(theme) {
  for (const row of document.querySelectorAll(".theme")) row.classList.toggle("last", row.dataset.theme === theme);
}

function themeKey(key) {
  if (/^[1-9]$/.test(key)) {
    const row = document.querySelector(`.theme[data-digit="${key}"]`);
    if (!row) return false;
    last = row.dataset.theme;
    if (row.classList.contains("on")) return press(`#t-${last}x`);
    const sign = row.dataset.step ?? "-1";
    return press(`[id="t-${last}${sign}"]`);
  }
  const steps = { "+": "1", "=": "1", "-": "-1", "0": "0" };
  if (!(key in steps)) return false;
  const row = document.activeElement?.closest?.(".theme");
  const theme = row?.dataset.theme ?? last ?? document.querySelector(".theme.on")?.dataset.theme;
  if (!theme) return false;
  last = theme;
  return press(`[id="t-${theme}${steps[key]}"]`);
}

function act(key) {
  if (key === "?") {
    document.getElementById("keys").showModal();
    return true;
  }
  if (press(`[data-key="${CSS.escape(key)}"]`)) return true;
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  const row = document.activeElement?.closest?.(".item");
  if (key === "o" && row) return press(`.item:focus-within .open`);
  if (key === "x" && row) return press(`.item:focus-within input[type=checkbox]`) || true;
  return document.querySelector(".theme") ? themeKey(key) : false;
}

export function startKeys() {
  show();
  document.addEventListener("keydown", (event) => {
    if (!on() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target)) return;
    if (event.key === "x" && event.target.closest?.(".item")) {
      const box = event.target.closest(".item").querySelector("input[type=checkbox]");
      if (box) box.click();
      event.preventDefault();
      return;
    }
    if (act(event.key)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".theme");
    if (row) last = row.dataset.theme;
    if (event.target.id === "keys-off") {
      localStorage.setItem(STORE, on() ? "off" : "on");
      show();
    }
    const help = event.target.closest?.('a[data-key="?"]');
    if (help && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      document.getElementById("keys").showModal();
    }
  });
  document.addEventListener("swapped", () => mark(last));
}
