// Asks now and then whether new items match, and says so above the list without moving it.

const EVERY_MS = 20_000;

async function ask() {
  const place = document.getElementById("news");
  if (!place || document.hidden) return;
  const url = new URL(place.dataset.url, location.origin);
  url.searchParams.set("since", place.dataset.since);
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const news = await response.json();
    if (news.count > 0) {
      place.querySelector("a").textContent = news.text;
      place.hidden = false;
    }
  } catch {
    // Offline for a moment: the next time will do.
  }
}

export function startNews() {
  if (!document.getElementById("news")) return;
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}
