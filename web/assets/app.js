// Everything works without this file. It prints at once where the link would first show the page as it will be on paper,
// and leads to what is wrong in a form.
document.addEventListener("click", function (event) {
  var link = event.target.closest && event.target.closest("a[data-print]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  window.print();
});
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
