(function () {
  "use strict";
  var root = document.documentElement;
  var tools = document.getElementById("tools");
  function button(text, action) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", function () { action(made); });
    tools.appendChild(made);
  }
  function folds() { return Array.prototype.slice.call(document.querySelectorAll("details")); }
  if (tools) {
    button(tools.dataset.unfold, function (made) {
      var open = made.textContent === tools.dataset.unfold;
      folds().forEach(function (fold) { fold.open = open; });
      made.textContent = open ? tools.dataset.fold : tools.dataset.unfold;
    });
    button(tools.dataset.theme, function () {
      var dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : window.matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    });
    button(tools.dataset.print, function () { window.print(); });
    tools.hidden = false;
  }
  var links = document.querySelectorAll(".contents a[href^='#']");
  if ("IntersectionObserver" in window && links.length) {
    var byId = {};
    links.forEach(function (link) { byId[link.hash.slice(1)] = link; });
    var watcher = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) { return; }
        links.forEach(function (link) { link.removeAttribute("aria-current"); });
        byId[entry.target.id].setAttribute("aria-current", "true");
      });
    }, { rootMargin: "-20% 0px -70% 0px" });
    Object.keys(byId).forEach(function (id) {
      var target = document.getElementById(id);
      if (target) { watcher.observe(target); }
    });
  }
  var filter = document.getElementById("filter");
  var table = document.getElementById("portfolio");
  if (filter && table) {
    var body = table.tBodies[0];
    filter.hidden = false;
    filter.addEventListener("input", function () {
      var wanted = filter.value.toLowerCase();
      Array.prototype.forEach.call(body.rows, function (row) {
        row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0;
      });
    });
    table.querySelectorAll("thead th").forEach(function (head, column) {
      var made = document.createElement("button");
      made.type = "button";
      made.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(made);
      made.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("thead th").forEach(function (other) {
          other.removeAttribute("aria-sort");
        });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          var x = a.cells[column].dataset.sort, y = b.cells[column].dataset.sort;
          if (x === "" || y === "") { return x === y ? 0 : (x === "" ? 1 : -1); }
          var order = isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y;
          return down ? -order : order;
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  }
})();
