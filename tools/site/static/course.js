// What scrolls sideways can be reached by the keyboard, and nothing else stops it.
(() => {
  const boxes = "[role='group'][aria-label], .formula, .bd-article pre, .pst-scrollable-table-container";
  const mark = () => {
    for (const box of document.querySelectorAll(boxes)) {
      if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    }
  };
  mark();
  window.addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true); // what a fold has shown
})();
