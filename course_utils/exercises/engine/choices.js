// The choices of a question, one of which the learner takes: with the mouse, by touch, or by the arrow keys.
// Traits: question, choices: texts, value: the choice made or null.

function render({ model, el }) {
  const group = document.createElement("fieldset");
  group.className = "course-choices";
  group.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys for itself
  group.addEventListener("keydown", (event) => event.stopPropagation());
  Object.assign(group.style, { border: "none", margin: "0", padding: "4px 0", color: "inherit", font: "inherit" });
  const legend = document.createElement("legend");
  legend.textContent = model.get("question");
  Object.assign(legend.style, { fontWeight: "bold", padding: "0", color: "inherit" });
  group.append(legend);
  const name = `course-choices-${Math.random().toString(36).slice(2)}`; // one group for each time it is shown
  const inputs = model.get("choices").map((choice) => {
    const input = Object.assign(document.createElement("input"), { type: "radio", name, value: choice });
    input.addEventListener("change", () => {
      model.set("value", choice);
      model.save_changes();
    });
    const label = document.createElement("label");
    Object.assign(label.style, { display: "flex", gap: "8px", alignItems: "baseline", padding: "3px 0", cursor: "pointer" });
    label.append(input, Object.assign(document.createElement("span"), { textContent: choice }));
    group.append(label);
    return input;
  });
  const update = () => {
    for (const input of inputs) input.checked = input.value === model.get("value");
  };
  model.on("change:value", update);
  update();
  el.append(group);
  return () => model.off("change:value", update);
}

export default { render };
