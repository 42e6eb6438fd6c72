// Everything on the staff side works without this file. With it, participants are found while typing, rows are added, moved
// and removed without a reload, and what is typed is kept every few seconds.
(function () {
  "use strict";
  var ofDrafts = "cosignatory.draft.", ofForms = "cosignatory.form."; // what the keys of copies begin with
  var problems = document.getElementById("problems");
  if (problems) {
    problems.focus();
    // Leads to a field that is folded away.
    problems.addEventListener("click", function (event) {
      var link = event.target.closest("a[href^='#']");
      var field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      for (var d = field.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
      if (!field.matches("input, select, textarea")) field = field.querySelector("input:not([type=hidden]), select, textarea") || field;
      field.focus();
      field.scrollIntoView({ block: "center" });
    });
  }
  document.querySelectorAll("form.declare").forEach(declare);
  document.querySelectorAll("form#bring").forEach(bring);
  document.querySelectorAll("input[data-show]").forEach(showing);
  copies();

  // A password can be shown while it is typed; it is sent as one all the same, so that nothing offers to remember it as a text.
  function showing(field) {
    var passwords = field.form.querySelectorAll("input[type=password]");
    var tick = document.createElement("div");
    var label = document.createElement("label");
    var box = document.createElement("input");
    var hide = function () {
      box.checked = false;
      show();
    };
    function show() {
      passwords.forEach(function (p) { p.type = box.checked ? "text" : "password"; });
    }
    box.type = "checkbox";
    box.addEventListener("change", show);
    box.id = label.htmlFor = field.id + "-show";
    label.textContent = field.dataset.show;
    tick.className = "tick";
    tick.append(box, label);
    passwords[passwords.length - 1].closest(".field").after(tick);
    field.form.addEventListener("submit", hide);
    window.addEventListener("pagehide", hide);
  }

  function declare(form) {
    var say = function (key) { return form.getAttribute("data-say-" + key) || ""; };
    rows(form, say);
    if (form.dataset.suggest) combobox(form, say);
    if (form.dataset.autosave) keep(form, say);
    sources(form);
  }

  // Rows ------------------------------------------------------------------------------------------------------------

  // Names, ids and references of a row hold its place: actions[3].source. They are renumbered after every change.
  function rows(form, say) {
    var attributes = ["id", "name", "for", "aria-describedby", "aria-controls", "value"];

    function renumber(list) {
      var name = list.dataset.rows;
      Array.prototype.forEach.call(list.children, function (row, i) {
        place(row, name, i);
      });
    }

    function place(row, name, i) {
      var from = new RegExp("\\b" + name + "\\[(?:#|\\d+)\\]", "g");
      var to = name + "[" + i + "]";
      [row].concat(Array.prototype.slice.call(row.querySelectorAll("*"))).forEach(function (el) {
        attributes.forEach(function (a) {
          if (a === "value" && el.name !== "do") return;
          var v = el.getAttribute(a);
          if (v && v.indexOf(name + "[") >= 0) el.setAttribute(a, v.replace(from, to));
        });
      });
      var n = row.querySelector("[data-n]");
      if (n) n.textContent = i + 1;
      var label = row.getAttribute("aria-label");
      if (label) row.setAttribute("aria-label", label.replace(/#|\d+/, i + 1));
    }

    function add(name) {
      var template = form.querySelector('template[data-template="' + name + '"]');
      var list = form.querySelector('[data-rows="' + (name === "groups" ? "actions" : name) + '"]');
      if (!template || !list) return null;
      var last = list.lastElementChild;
      var row = template.content.firstElementChild.cloneNode(true);
      list.appendChild(row);
      place(row, list.dataset.rows, list.children.length - 1);
      // What a list has in common is not typed again: action, capacity, date and source of the line before.
      if (last && list.dataset.rows === "actions") {
        [".action", ".capacity", ".source", ".date.day", ".date.month", ".date.year"].forEach(function (end) {
          var a = last.querySelector('[name$="' + end + '"]'), b = row.querySelector('[name$="' + end + '"]');
          if (!a || !b || end === ".action" && a.value === "withdrew") return;
          b.value = a.value;
        });
      }
      form.dispatchEvent(new CustomEvent("row", { detail: row }));
      return row;
    }

    form.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) return;
      var row, list;
      if (button.dataset.add) {
        var first = null;
        for (var i = 0; i < (+button.dataset.times || 1); i++) {
          var made = add(button.dataset.add);
          first = first || made;
        }
        if (!first) return;
        event.preventDefault();
        var field = first.querySelector("input:not([type=hidden]), select, textarea");
        if (field) field.focus();
      } else if (button.hasAttribute("data-remove")) {
        row = button.closest("[data-row]");
        list = row.parentElement;
        event.preventDefault();
        var next = row.nextElementSibling || row.previousElementSibling;
        row.remove();
        renumber(list);
        var to = next ? next.querySelector("input:not([type=hidden]), select, textarea") : list.parentElement.querySelector("[data-add]");
        if (to) to.focus();
        announce(form, say("removed"));
      } else if (button.dataset.move) {
        row = button.closest("[data-row]");
        list = row.parentElement;
        event.preventDefault();
        if (button.dataset.move === "up" && row.previousElementSibling) list.insertBefore(row, row.previousElementSibling);
        else if (button.dataset.move === "down" && row.nextElementSibling) list.insertBefore(row.nextElementSibling, row);
        else return;
        renumber(list);
        button.focus();
        announce(form, say("moved").replace("{n}", Array.prototype.indexOf.call(list.children, row) + 1));
      } else return;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });

    // A departure asks for its reason: the fold opens.
    form.addEventListener("change", function (event) {
      if (!/\.action$/.test(event.target.name || "") || event.target.value !== "withdrew") return;
      var more = event.target.closest("[data-row]").querySelector("details");
      if (more) more.open = true;
    });
  }

  function announce(form, words) {
    var live = form.querySelector("#spoken");
    if (!live) {
      live = document.createElement("p");
      live.id = "spoken";
      live.className = "spoken";
      live.setAttribute("role", "status");
      form.appendChild(live);
    }
    live.textContent = words;
  }

  // Bringing in a list -------------------------------------------------------------------------------------------------

  // The finds are gone through with keys, each with its place in the text in sight; what is ticked is counted as it changes.
  function bring(form) {
    var finds = Array.prototype.slice.call(form.querySelectorAll("[data-find]"));
    var keys = form.querySelector(".keys");
    if (keys) keys.hidden = false;
    var orgs = (form.dataset.orgs || "").split(" "), at = -1, swallow = false;

    function show(find) {
      form.querySelectorAll(".mark.now").forEach(function (m) { m.classList.remove("now"); });
      var mark = document.getElementById(find.dataset.mark), box = mark && mark.closest(".printed");
      if (!mark) return;
      mark.classList.add("now");
      // Only the box of the text is scrolled, not the page under the reader.
      var m = mark.getBoundingClientRect(), b = box.getBoundingClientRect();
      if (m.top < b.top + 24 || m.bottom > b.bottom - 24) box.scrollTop += m.top - b.top - b.height / 3;
    }
    function go(i) {
      if (!finds.length) return;
      at = Math.max(0, Math.min(finds.length - 1, i));
      for (var d = finds[at].closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
      finds[at].focus({ preventScroll: true });
      finds[at].scrollIntoView({ block: "nearest" });
    }
    form.addEventListener("focusin", function (event) {
      var find = event.target.closest("[data-find]");
      if (find) { at = finds.indexOf(find); show(find); }
    });
    form.addEventListener("click", function (event) {
      var link = event.target.closest(".mark, .facts-of a");
      if (!link) return;
      var there = document.getElementById(link.hash.slice(1));
      if (!there) return;
      event.preventDefault();
      if (there.matches("[data-find]")) go(finds.indexOf(there));
      else if (there.matches(".mark")) { var li = link.closest("[data-find]"); if (li) { show(li); } there.focus({ preventScroll: innerWidth > 992 }); }
      else there.scrollIntoView({ block: "center" });
    });

    function codes(find) {
      var tick = find.querySelector("input[type=checkbox]");
      if (tick && !tick.checked) return [];
      if (find.dataset.members !== undefined) return find.dataset.members.split(" ");
      var other = find.querySelector("[name$='.other']");
      if (other && other.value.trim()) return [(/\(([^()]+)\)\s*$/.exec(other.value) || [0, other.value.trim()])[1]];
      if (tick) return [find.dataset.code];
      var chosen = find.querySelector("input[type=radio]:checked");
      return chosen && chosen.value ? [chosen.value] : [];
    }
    function count() {
      var seen = {}, n = 0;
      finds.forEach(function (find) {
        codes(find).forEach(function (code) {
          if (!code || seen[code] || form.hasAttribute("data-states-only") && orgs.indexOf(code) >= 0) return;
          seen[code] = true;
          n++;
        });
      });
      var ticked = form.querySelector("[data-ticked]"), rest = form.querySelector("[data-not-named]");
      if (ticked) ticked.textContent = form.dataset.sayTicked.replace("{n}", n);
      if (rest) rest.textContent = form.dataset.sayNotNamed.replace("{n}", Math.max(0, form.dataset.stated - n));
      var live = form.querySelector("[data-live]");
      if (live) live.textContent = ticked.textContent;
    }
    form.addEventListener("change", count);
    form.addEventListener("input", function (event) { if (event.target.name && /\.other$/.test(event.target.name)) count(); });

    function choose(find, n) {
      var radios = find.querySelectorAll("input[type=radio]");
      if (!radios[n]) return false;
      radios[n].checked = true;
      count();
      return true;
    }
    function tick(find, on) {
      var box = find.querySelector("input[type=checkbox]");
      if (!box) return choose(find, on ? 1 : 0);
      box.checked = on;
      count();
      return true;
    }
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      var in_ = event.target.closest("input, select, textarea, [contenteditable]");
      if (in_ && !in_.matches("input[type=checkbox], input[type=radio]")) {
        if (event.key === "Escape" && in_.closest("[data-find]")) go(at);
        return;
      }
      var arrows = !in_ && event.target.closest("[data-find]");
      var find = finds[at];
      if (event.key === "j" || arrows && event.key === "ArrowDown") go(at + 1);
      else if (event.key === "k" || arrows && event.key === "ArrowUp") go(at - 1);
      else if (!find) return;
      else if (event.key === "a") { if (tick(find, true)) go(at + 1); }
      else if (event.key === "r") { tick(find, false); go(at + 1); }
      else if (/^[1-9]$/.test(event.key)) { if (!choose(find, +event.key)) return; }
      else if (event.key === "e") {
        var other = find.querySelector("[name$='.other']");
        if (!other) return;
        other.closest("details").open = true;
        other.focus();
        swallow = true;
      } else return;
      event.preventDefault();
    });
    // The e that led into the field is not typed there as well, however the browser splits the key.
    document.addEventListener("keypress", function (event) { if (swallow && event.key === "e") event.preventDefault(); swallow = false; });
    document.addEventListener("keyup", function () { swallow = false; });
  }

  // Sources -----------------------------------------------------------------------------------------------------------

  // A source that has a publisher gets a key at once, so that the rows below can cite it before the form is sent.
  function sources(form) {
    var list = form.querySelector('[data-rows="sources"]');
    if (!list) return;
    function ascii(s) {
      return s.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40).replace(/-$/, "") || "source";
    }
    function update() {
      var options = [];
      Array.prototype.forEach.call(list.children, function (row) {
        var get = function (end) { var f = row.querySelector('[name$="' + end + '"]'); return f ? f.value.trim() : ""; };
        var key = row.querySelector('[name$=".key"]');
        var publisher = get(".publisher");
        if (!key.value && publisher) {
          key.value = ascii(publisher) + "-" + Math.random().toString(36).slice(2, 6).padEnd(4, "0");
        }
        if (!key.value) return;
        var date = [get(".published.year"), get(".published.month"), get(".published.day")].filter(Boolean).join("-");
        options.push([key.value, (publisher.length > 36 ? publisher.slice(0, 35) + "…" : publisher || key.value) + (date ? ", " + date : "")]);
      });
      var all = Array.prototype.slice.call(form.querySelectorAll('select[name$=".source"]'));
      form.querySelectorAll("template").forEach(function (t) {
        all = all.concat(Array.prototype.slice.call(t.content.querySelectorAll('select[name$=".source"]')));
      });
      all.forEach(function (select) {
        var chosen = select.value;
        var none = select.options[0] && select.options[0].value === "" ? select.options[0].textContent : "";
        select.textContent = "";
        select.add(new Option(none, ""));
        options.forEach(function (o) { select.add(new Option(o[1], o[0])); });
        if (chosen && !options.some(function (o) { return o[0] === chosen; })) select.add(new Option(chosen, chosen));
        select.value = chosen;
      });
    }
    list.addEventListener("change", update);
    form.addEventListener("click", function (event) {
      if (event.target.closest("#sources [data-remove]")) update();
    });
  }

  // Participants ------------------------------------------------------------------------------------------------------

  // The combobox of ARIA 1.2: the field keeps the focus, the list is moved through with the arrow keys.
  function combobox(form, say) {
    var open = null, timer = 0, asked = 0, seen = {};
    var count = 0, swallow = false;

    function dress(input) {
      if (input.getAttribute("role") === "combobox") return;
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-autocomplete", "list");
      input.setAttribute("aria-expanded", "false");
    }
    form.querySelectorAll("[data-participant]").forEach(dress);
    form.addEventListener("row", function (event) { event.detail.querySelectorAll("[data-participant]").forEach(dress); });

    function close() {
      if (!open) return;
      open.input.setAttribute("aria-expanded", "false");
      open.input.removeAttribute("aria-activedescendant");
      open.input.removeAttribute("aria-controls");
      open.list.remove();
      open = null;
    }

    function show(input, found) {
      close();
      var list = document.createElement("ul");
      list.className = "list";
      list.id = "list-" + ++count;
      list.setAttribute("role", "listbox");
      var label = form.querySelector('label[for="' + CSS.escape(input.id) + '"]');
      if (label) list.setAttribute("aria-label", label.textContent);
      if (!found.length) {
        var none = document.createElement("li");
        none.className = "none";
        none.textContent = say("none");
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        list.appendChild(none);
      }
      found.forEach(function (p, i) {
        var item = document.createElement("li");
        item.id = list.id + "-" + i;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        var name = document.createElement("span"), code = document.createElement("span");
        name.textContent = p.name + (p.note ? " (" + p.note + ")" : "");
        code.textContent = p.code;
        code.className = "code";
        item.appendChild(name);
        item.appendChild(code);
        item.addEventListener("mousedown", function (event) { event.preventDefault(); });
        item.addEventListener("click", function () { take(input, p); });
        list.appendChild(item);
      });
      input.parentElement.appendChild(list);
      input.setAttribute("aria-expanded", "true");
      input.setAttribute("aria-controls", list.id);
      open = { input: input, list: list, found: found, at: -1 };
      // Only what cannot be meant otherwise is chosen by leaving the field.
      if (found.length === 1 || found.length && found[0].code === input.value.trim().toUpperCase()) mark(0);
    }

    function mark(i) {
      if (!open || !open.found.length) return;
      var items = open.list.children;
      if (open.at >= 0) items[open.at].setAttribute("aria-selected", "false");
      open.at = (i + items.length) % items.length;
      items[open.at].setAttribute("aria-selected", "true");
      items[open.at].scrollIntoView({ block: "nearest" });
      open.input.setAttribute("aria-activedescendant", items[open.at].id);
    }

    function take(input, p) {
      input.value = p.name + " (" + p.code + ")";
      close();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      clearTimeout(timer);
      close();
    }

    function ask(input) {
      var q = input.value.trim(), mine = ++asked;
      if (!q) return close();
      var got = function (found) {
        if (mine === asked && document.activeElement === input) show(input, found);
      };
      if (seen[q]) return got(seen[q]);
      fetch(form.dataset.suggest + (form.dataset.suggest.indexOf("?") < 0 ? "?" : "&") + "q=" + encodeURIComponent(q), { headers: { Accept: "application/json" } })
        .then(function (r) { return r.ok ? r.json() : []; })
        .then(function (found) { got(seen[q] = found); })
        .catch(close);
    }

    form.addEventListener("input", function (event) {
      if (!event.isTrusted || !event.target.matches("[data-participant]")) return;
      clearTimeout(timer);
      timer = setTimeout(ask, 80, event.target);
    });
    form.addEventListener("keydown", function (event) {
      var input = event.target;
      if (!input.matches("[data-participant]") || event.isComposing) return;
      if (event.key === "ArrowDown" && !open) { ask(input); event.preventDefault(); }
      else if (!open || open.input !== input) return;
      else if (event.key === "ArrowDown") { mark(open.at + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { mark(open.at - 1); event.preventDefault(); }
      else if (event.key === "Enter" && open.found.length) { if (open.at < 0) mark(0); else take(input, open.found[open.at]); event.preventDefault(); }
      else if (event.key === "Tab" && open.at >= 0 && input.value.trim()) take(input, open.found[open.at]);
      else if (event.key === "Escape") { close(); event.preventDefault(); }
    });
    // The Enter that chose must not send the form as well, however the browser splits the key.
    form.addEventListener("keydown", function (event) { swallow = event.key === "Enter" && event.defaultPrevented; });
    form.addEventListener("keypress", function (event) { if (swallow && event.key === "Enter") event.preventDefault(); });
    form.addEventListener("focusout", function () { setTimeout(function () { if (open && document.activeElement !== open.input) close(); }, 100); });
  }

  // Pages are the same in every language.
  function below(path) { return path.replace(/^\/[^/]+(?=\/staff)/, ""); }

  // Keeping -----------------------------------------------------------------------------------------------------------

  // What is typed is sent every few seconds, and lies in this browser until the register has it: by who typed it, as the next to
  // sign in here may be somebody else.
  function keep(form, say) {
    var every = 5000, key = ofDrafts + document.body.dataset.account + " " + below(location.pathname);
    var status = document.getElementById("kept");
    var kept = text(), dirty = false, busy = false, sent = false, lastKept = "";
    var version = form.elements.version;

    function data() {
      var d = new FormData(form);
      d.delete("do");
      return new URLSearchParams(d);
    }
    function text() {
      var d = data();
      d.delete("version");
      return d.toString();
    }
    function time(t) { return t.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }); }
    function tell(words, look, link) {
      if (!status) return;
      status.textContent = words;
      status.classList.toggle("look", !!look);
      if (link && form.dataset.signIn) {
        var a = document.createElement("a");
        a.href = form.dataset.signIn;
        a.target = "_blank";
        a.rel = "noopener";
        a.textContent = link;
        status.append(" ", a);
      }
    }
    function copy() {
      try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), version: version.value, text: text(), sent: sent })); } catch (e) { /* full or forbidden */ }
    }
    function forget() {
      try { localStorage.removeItem(key); } catch (e) { /* forbidden */ }
    }

    function changed() { dirty = true; }
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);

    function save() {
      if (!dirty || busy || sent) return;
      var now = text();
      if (now === kept) { dirty = false; return; }
      copy();
      dirty = false;
      busy = true;
      var body = data();
      body.set("do", "autosave");
      fetch(form.dataset.autosave, { method: "POST", body: body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "manual" })
        .then(function (r) {
          if (r.ok) {
            return r.json().then(function (answer) {
              if (answer.version) version.value = answer.version;
              kept = now;
              lastKept = time(new Date());
              tell(say("kept").replace("{at}", lastKept));
              if (text() === kept) forget();
              else { dirty = true; copy(); }
            });
          }
          dirty = true;
          if (r.status === 401 || r.status === 403 || r.type === "opaqueredirect") tell(say("expired"), true, say("sign-in-link"));
          else if (r.status === 409) { dirty = false; tell(say("conflict"), true); }
          else throw new Error(r.status);
        })
        .catch(function () {
          dirty = true;
          tell(say("failing").replace("{at}", lastKept || "–"), true);
        })
        .then(function () { busy = false; });
    }
    setInterval(save, every);
    document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") { if (dirty) copy(); save(); } });

    form.addEventListener("submit", function () {
      sent = true;
      // Should the answer be a sign-in, the copy is still here; the form that comes back compares and throws it away.
      copy();
    });
    window.addEventListener("pageshow", function () { sent = false; });
    window.addEventListener("beforeunload", function (event) {
      if (sent || text() === kept) return;
      copy();
      event.preventDefault();
      event.returnValue = "";
    });

    // A copy that the register never got is offered, never put back unasked.
    var old = null;
    try { old = JSON.parse(localStorage.getItem(key)); } catch (e) { /* none */ }
    if (!old) return;
    // Sent, and the draft has moved on by nobody else: the register has it.
    var arrived = old.sent && old.version !== version.value && !form.hasAttribute("data-saved-by-other");
    if (old.text === kept || problems || arrived) { forget(); return; }
    var box = document.createElement("div");
    box.className = "restore";
    box.setAttribute("role", "status");
    var words = document.createElement("span");
    words.textContent = say("restore").replace("{at}", new Date(old.at).toLocaleString(document.documentElement.lang));
    var yes = button(say("restore-do"), function () { restore(old.text); box.remove(); });
    var no = button(say("restore-no"), function () { forget(); box.remove(); });
    box.append(words, yes, no);
    form.before(box);

    function button(label, act) {
      var b = document.createElement("button");
      b.type = "button";
      b.className = "quiet";
      b.textContent = label;
      b.addEventListener("click", act);
      return b;
    }

    // Rows are added or removed until every field of the copy has its place, then each is filled in.
    function restore(saved) {
      var values = new URLSearchParams(saved), need = {}, groups = {};
      values.forEach(function (v, name) {
        var m = /^([a-z_]+)\[(\d+)\]/.exec(name);
        if (m) need[m[1]] = Math.max(need[m[1]] || 0, +m[2] + 1);
        if (/^actions\[\d+\]\.group$/.test(name)) groups[m[2]] = true;
      });
      form.querySelectorAll("[data-rows]").forEach(function (list) {
        var name = list.dataset.rows, n = need[name] || 0;
        if (name === "actions") while (list.children.length) list.lastElementChild.remove();
        while (list.children.length > n) list.lastElementChild.remove();
        while (list.children.length < n) {
          var kind = name === "actions" && groups[list.children.length] ? "groups" : name;
          var b = form.querySelector('[data-add="' + kind + '"]:not([data-times])');
          if (!b) break;
          var before = list.children.length;
          b.click();
          if (list.children.length === before) break;
        }
      });
      Array.prototype.forEach.call(form.elements, function (f) {
        if (!f.name || f.name === "do" || f.name === "version") return;
        var all = values.getAll(f.name);
        if (f.type === "checkbox" || f.type === "radio") f.checked = all.indexOf(f.value) >= 0;
        else if (all.length) {
          if (f.tagName === "SELECT" && !Array.prototype.some.call(f.options, function (o) { return o.value === all[0]; })) f.add(new Option(all[0], all[0]));
          f.value = all[0];
        }
      });
      changed();
      form.dispatchEvent(new Event("input", { bubbles: true }));
      window.scrollTo(0, 0);
    }
  }

  // Copies ------------------------------------------------------------------------------------------------------------

  // What is typed into any other form lies in this browser, by the address of its page and by who typed it, until the register
  // has taken it. Where the session ended meanwhile it is offered after signing in. Nothing of it outlives the signing out.
  function copies() {
    var prefix = ofForms, most = 2000000, longest = 7 * 24 * 3600 * 1000;
    var account = document.body.dataset.account, posted = document.body.hasAttribute("data-posted");
    var say = function (key) { return document.body.getAttribute("data-say-" + key) || ""; };
    var sent = null;
    try {
      sent = JSON.parse(sessionStorage.getItem(prefix + "sent"));
      sessionStorage.removeItem(prefix + "sent");
      keys().forEach(function (key) {
        var c = get(key);
        if (!c || !(Date.now() - c.at < longest)) localStorage.removeItem(key);
      });
      if (document.querySelector("[data-signed-out]")) keys().concat(keys(ofDrafts)).forEach(function (key) { localStorage.removeItem(key); });
    } catch (e) { return; /* forbidden */ }
    var ended = document.querySelector("[data-ended]");
    if (ended) tell(ended);
    if (!account) return;
    // The register says that it took a form; that it was this one shows by the page that was sent from. Had the sending failed, the
    // next page that says so is another form's.
    if (sent && document.body.hasAttribute("data-taken") && from() === sent.key.split(" ")[1] && (get(sent.key) || {}).at === sent.at) localStorage.removeItem(sent.key);
    document.querySelectorAll("form[data-keep]").forEach(hold);

    function keys(begin) {
      var list = [];
      for (var i = 0; i < localStorage.length; i++) if (localStorage.key(i).indexOf(begin || prefix) === 0) list.push(localStorage.key(i));
      return list;
    }
    function get(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; }
    }
    function from() {
      try { return below(new URL(document.referrer).pathname); } catch (e) { return ""; }
    }

    // The page that asks to sign in says that there is a copy only where there is one.
    function tell(ended) {
      var next = document.querySelector("input[name=next]"), path = next ? next.value.split("?")[0] : "", found = null;
      if (!path) return;
      keys().concat(keys(ofDrafts)).forEach(function (key) { if (key.split(" ")[1] === path) found = get(key) || found; });
      if (found) ended.textContent = ended.dataset.ended + (found.files && found.files.length ? " " + ended.dataset.file : "");
    }

    function hold(form) {
      if (form.querySelector("input[type=password]")) return;
      var key = prefix + account + " " + below(location.pathname) + " " + form.dataset.keep, again = form.dataset.keepAgain || "";
      var first = JSON.stringify(typed()), timer = 0, offered = false;

      function typed() {
        var c = { fields: [], files: [] };
        new FormData(form).forEach(function (v, name) {
          if (typeof v !== "string") { if (v.name) c.files.push(v.name); }
          else if (name !== "do" && name !== "token" && name.indexOf("confirm") !== 0) c.fields.push([name, v]);
        });
        return c;
      }
      function drop() {
        try { localStorage.removeItem(key); } catch (e) { /* forbidden */ }
      }
      function keep(whatever) {
        clearTimeout(timer);
        timer = 0;
        var c = typed();
        if (!whatever && JSON.stringify(c) === first) {
          if (!offered) drop();
          return 0;
        }
        c.at = Date.now();
        c.again = again;
        var s = JSON.stringify(c);
        // A copy that has no room is none: an older one would be taken for it.
        try {
          if (s.length > most) throw new Error("too long");
          localStorage.setItem(key, s);
        } catch (e) { drop(); return 0; }
        return c.at;
      }
      function changed() {
        if (offered) return;
        clearTimeout(timer);
        timer = setTimeout(keep, 400);
      }
      function flush() { if (timer) keep(); }
      form.addEventListener("input", changed);
      form.addEventListener("change", changed);
      window.addEventListener("pagehide", flush);
      document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") flush(); });
      form.addEventListener("submit", function () {
        var at = keep(posted);
        try { if (at) sessionStorage.setItem(prefix + "sent", JSON.stringify({ key: key, at: at })); } catch (e) { /* full or forbidden */ }
      });

      if (posted) {
        // What was typed stands in the page: of one that no address shows again, that is the copy.
        if (again) keep(true);
        else if (!problems) drop();
        return;
      }
      var old = get(key);
      if (!old) return;
      if (JSON.stringify(old.fields) === JSON.stringify(JSON.parse(first).fields)) { drop(); return; }
      offered = true;
      var box = document.createElement("div");
      box.className = "restore";
      box.setAttribute("role", "status");
      var words = document.createElement("span");
      words.textContent = say("restore").replace("{at}", new Date(old.at).toLocaleString(document.documentElement.lang)) + (old.files && old.files.length ? " " + say("restore-file") : "");
      box.append(words, button("restore-do", function () { if (old.again) resend(old); else fill(old); }), button("restore-no", drop));
      form.before(box);

      function button(key, act) {
        var b = document.createElement("button");
        b.type = "button";
        b.className = "quiet";
        b.textContent = say(key);
        b.addEventListener("click", function () {
          offered = false;
          box.remove();
          act();
        });
        return b;
      }
      function fill(old) {
        var values = {};
        old.fields.forEach(function (f) { (values[f[0]] = values[f[0]] || []).push(f[1]); });
        Array.prototype.forEach.call(form.elements, function (f) {
          var all = values[f.name];
          if (!f.name || f.type === "hidden" || f.type === "file" || f.matches("button") || f.name.indexOf("confirm") === 0) return;
          if (f.type === "checkbox" || f.type === "radio") f.checked = !!all && all.indexOf(f.value) >= 0;
          else if (all) f.value = all[0];
          if (all && all[0]) for (var d = f.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
        });
      }
      // Not form.action: fields are called so.
      function resend(old) {
        var f = document.createElement("form");
        f.hidden = true;
        f.method = "post";
        f.setAttribute("action", form.getAttribute("action"));
        f.setAttribute("enctype", form.getAttribute("enctype") || "application/x-www-form-urlencoded");
        old.fields.concat([["do", old.again]]).forEach(function (x) {
          var i = document.createElement("input");
          i.type = "hidden";
          i.name = x[0];
          i.value = x[1];
          f.append(i);
        });
        document.body.append(f);
        HTMLFormElement.prototype.submit.call(f);
      }
    }
  }
})();
