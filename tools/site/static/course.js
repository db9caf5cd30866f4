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

// A finger cannot point without tapping: the first tap on a term tells what it means, the second leads to the glossary.
document.addEventListener("click", (event) => {
  const term = event.target.closest?.("a.term");
  if (!term || event.pointerType !== "touch" || term.nextElementSibling?.matches(".meaning")) return;
  event.preventDefault();
  const meaning = Object.assign(document.createElement("span"), { className: "meaning", textContent: term.title });
  meaning.setAttribute("role", "status");
  term.after(meaning);
});

// On paper the answers stand at the end: each fold leaves its number in its place, and comes back after printing.
(() => {
  const moved = [];
  const make = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

  const toPaper = () => {
    const article = document.querySelector(".bd-article");
    if (!article || moved.length) return;
    const root = document.documentElement;
    moved.push([root, root.dataset.theme]);
    root.dataset.theme = "light";
    for (const picture of article.querySelectorAll("img[loading='lazy']")) picture.loading = "eager";
    const folds = [...article.querySelectorAll("details:not(.hide, .cite)")]
      .filter((fold) => !fold.parentElement.closest("details") && !fold.closest("[role='group']"));
    const answers = make("section", "", "answers");
    answers.append(make("h2", "Answers"));
    folds.forEach((fold, n) => {
      const place = make("p", `${fold.firstElementChild.textContent}: number ${n + 1} at the end`, "at-the-end");
      fold.replaceWith(place);
      moved.push([fold, place, fold.open]);
      fold.open = true;
      fold.dataset.number = n + 1;
      answers.append(fold);
    });
    if (folds.length) article.append(answers);
    moved.push([answers]);
  };

  const toScreen = () => {
    for (const [thing, before, open] of moved.splice(0)) {
      if (thing.matches("html")) thing.dataset.theme = before;
      else if (before) {
        before.replaceWith(thing);
        thing.open = open;
        delete thing.dataset.number;
      } else thing.remove();
    }
  };

  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
})();
