// Point at a theme, or move the focus to it, and the words that show it light up.

function light(theme) {
  for (const word of document.querySelectorAll("#text .ev")) {
    word.classList.toggle("lit", theme !== null && word.classList.contains(`t-${theme}`));
  }
}

export function startLight() {
  const over = (event) => {
    const row = event.target.closest?.("[data-theme]");
    if (row) light(row.dataset.theme);
  };
  const out = (event) => {
    const row = event.target.closest?.("[data-theme]");
    if (row && !row.contains(event.relatedTarget)) light(null);
  };
  document.addEventListener("pointerover", over);
  document.addEventListener("focusin", over);
  document.addEventListener("pointerout", out);
  document.addEventListener("focusout", out);
  document.addEventListener("click", (event) => {
    const name = event.target.closest?.(".theme .name");
    if (name && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      light(name.closest("[data-theme]").dataset.theme);
    }
  });
}
