// The states of a lesson's slider become a slider again; without a script they stand side by side.
document.addEventListener("DOMContentLoaded", () => {
  for (const states of document.querySelectorAll(".states")) {
    const figures = [...states.querySelectorAll("figure")];
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 0, max: figures.length - 1, value: 0 });
    const show = () => {
      figures.forEach((figure, i) => (figure.hidden = i !== Number(slider.value)));
      const label = figures[slider.value].querySelector("figcaption").innerText.trim();
      slider.setAttribute("aria-valuetext", label);
    };
    slider.setAttribute("aria-label", "State of the slider");
    slider.addEventListener("input", show);
    states.classList.add("moves");
    states.prepend(slider);
    show();
  }
});
