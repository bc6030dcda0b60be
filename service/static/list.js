// Ticking many items: one box for the page, a range with shift, and a count of what is ticked.

let before = null;

const boxes = () => [...document.querySelectorAll('.rows input[name="id"]')];

function count() {
  const said = document.getElementById("ticked");
  if (!said) return;
  const ticked = boxes().filter((box) => box.checked).length;
  const page = document.getElementById("tick-page");
  page.hidden = false;
  page.setAttribute("aria-labelledby", "ticked");
  page.checked = ticked > 0 && ticked === boxes().length;
  page.indeterminate = ticked > 0 && ticked < boxes().length;
  const text = ticked === 0 ? said.dataset.none : ticked === 1 ? said.dataset.one : said.dataset.many;
  said.textContent = text.replace("{n}", ticked);
}

export function startList() {
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.id === "tick-page") for (const one of boxes()) one.checked = box.checked;
    else if (box.matches?.('.rows input[name="id"]')) {
      const all = boxes();
      const [from, to] = [all.indexOf(before), all.indexOf(box)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const one of all.slice(from, to + 1)) one.checked = box.checked;
      before = box;
    } else return;
    count();
  });
  document.addEventListener("swapped", count);
  count();
}
