// While somebody writes for customers, says what could be plainer; without this module the form's own check does.

const PAUSE_MS = 600;
let timer = 0;

async function judge(area) {
  const form = area.form;
  const body = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch("/backlog/readability", { method: "POST", body, headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const found = await response.json();
    const place = document.getElementById("plain");
    place.querySelector("p").textContent = found.verdict;
    place.querySelector("ul").replaceChildren(...found.hints.map((hint) => {
      const line = document.createElement("li");
      line.textContent = hint;
      return line;
    }));
    place.hidden = !found.verdict;
  } catch {
    // Offline for a moment: the next key will do.
  }
}

export function startPlain() {
  document.addEventListener("input", (event) => {
    const area = event.target.closest?.("[data-plain]");
    if (!area) return;
    clearTimeout(timer);
    timer = setTimeout(judge, PAUSE_MS, area);
  });
}
