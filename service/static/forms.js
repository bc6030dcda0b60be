// Forms marked data-swap are sent in the background; of the answer only the main part is put in place, so that the
// place on the page, the focus and open menus stay. Without this module they are sent as any form.

let waiting = 0;

function busy(change) {
  waiting += change;
  document.documentElement.toggleAttribute("data-busy", waiting > 0);
}

async function fetchPage(url, options) {
  const timer = setTimeout(() => busy(1), 300);
  let shown = false;
  try {
    const response = await fetch(url, { ...options, headers: { Accept: "text/html" } });
    return { url: response.url, text: await response.text() };
  } finally {
    clearTimeout(timer);
    shown = document.documentElement.hasAttribute("data-busy");
    if (shown) busy(-1);
  }
}

function put(page, focus, keepHistory) {
  const answer = new DOMParser().parseFromString(page.text, "text/html");
  const fresh = answer.querySelector("main");
  if (!fresh) {
    location.assign(page.url);
    return;
  }
  const open = [...document.querySelectorAll("main details[open][id]")].map((one) => one.id);
  const place = window.scrollY;
  document.querySelector("main").replaceWith(document.adoptNode(fresh));
  document.title = answer.title;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const address = new URL(page.url);
  address.searchParams.delete("notice");
  history[keepHistory ? "pushState" : "replaceState"]({}, "", address.pathname + address.search);
  window.scrollTo(0, place);
  const target = focus && document.getElementById(focus);
  if (target && !target.disabled) target.focus({ preventScroll: true });
  const said = document.getElementById("notice");
  if (said && said.textContent) {
    // A live region speaks when its content changes.
    const text = said.textContent;
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = text; });
  }
  document.dispatchEvent(new CustomEvent("swapped"));
}

export async function send(form, submitter) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  const get = form.method === "get";
  const url = new URL(form.action);
  if (get) {
    for (const name of [...fields.keys()]) if (!fields.getAll(name).some(Boolean)) fields.delete(name);
    url.search = fields.toString();
  }
  const focus = submitter?.id || document.activeElement?.id;
  try {
    put(await fetchPage(url, get ? {} : { method: "POST", body: fields }), focus, get);
  } catch {
    form.removeAttribute("data-swap");
    form.requestSubmit(submitter ?? undefined);
  }
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-swap]")) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-auto]");
    if (form) send(form);
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.drop[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.drop[open]");
    if (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
  });
  window.addEventListener("popstate", () => location.reload());
}
