// Everything works without this file. It prints at once where the link would first show the page as it will be on paper,
// and leads to what is wrong in a form.
document.addEventListener("click", function (event) {
  var link = event.target.closest && event.target.closest("a[data-print]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  window.print();
});
// A link to something folded away unfolds it.
function unfold() {
  var to = location.hash && document.getElementById(location.hash.slice(1));
  if (to && to.tagName === "DETAILS") to.open = true;
}
window.addEventListener("hashchange", unfold);
unfold();
var problems = document.getElementById("problems");
if (problems) problems.focus();
// Paper cannot open what is folded away.
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details:not([open])").forEach(function (d) {
    d.open = true;
    d.dataset.folded = "";
  });
});
window.addEventListener("afterprint", function () {
  document.querySelectorAll("details[data-folded]").forEach(function (d) {
    d.open = false;
    delete d.dataset.folded;
  });
});
// Search fields suggest while one types: a combobox with a list, as WAI-ARIA describes it. The focus stays in the field.
document.querySelectorAll("input[data-suggest]").forEach(function (input) {
  if (!window.fetch || !window.AbortController) return;
  var box = document.createElement("span"), list = document.createElement("ul"), said = document.createElement("span");
  var options = [], at = -1, timer, asked, shown = "";
  box.className = "combo";
  list.id = input.id + "-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.label);
  said.className = "spoken";
  said.setAttribute("role", "status");
  input.before(box);
  box.append(input, list, said);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  function choose(i) {
    if (options[at]) options[at].setAttribute("aria-selected", "false");
    at = i;
    if (options[at]) {
      options[at].setAttribute("aria-selected", "true");
      options[at].scrollIntoView({block: "nearest"});
      input.setAttribute("aria-activedescendant", options[at].id);
    } else input.removeAttribute("aria-activedescendant");
  }
  function open(yes) {
    yes = yes && options.length > 0;
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    choose(-1);
  }
  function part(tag, text, lang) {
    var e = document.createElement(tag);
    e.textContent = text;
    e.dir = "auto";
    if (lang) e.lang = lang;
    return e;
  }
  function show(answer) {
    list.replaceChildren();
    options = answer.items.map(function (item, i) {
      var o = document.createElement("li");
      o.id = list.id + "-" + i;
      o.setAttribute("role", "option");
      o.setAttribute("aria-selected", "false");
      o.dataset.url = item.url;
      o.append(part("b", item.text, item.lang), " ", part("span", item.note ? item.kind + " · " + item.note : item.kind));
      list.append(o);
      return o;
    });
    said.textContent = answer.said;
    open(true);
  }
  function ask() {
    var q = input.value.trim();
    if (q === shown) return;
    shown = q;
    if (asked) asked.abort();
    if (!q || q.length > 200) {
      options = [];
      said.textContent = "";
      return open(false);
    }
    asked = new AbortController();
    fetch(input.dataset.suggest + "?q=" + encodeURIComponent(q), {signal: asked.signal}).then(function (r) {
      return r.ok ? r.json() : {said: "", items: []};
    }).then(function (answer) {
      if (document.activeElement === input && q === shown) show(answer);
    }).catch(function () {});
  }
  input.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      open(false);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return;
      if (list.hidden) open(true);
      var n = options.length + 1; // the field itself is one of the places
      choose((at + 1 + (event.key === "ArrowDown" ? 1 : n - 1)) % n - 1);
    } else if (event.key === "Enter" && !list.hidden && options[at]) {
      location.href = options[at].dataset.url;
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", function () { open(false); });
  list.addEventListener("mousedown", function (event) { event.preventDefault(); });
  list.addEventListener("click", function (event) {
    var o = event.target.closest("[role=option]");
    if (o) location.href = o.dataset.url;
  });
});
