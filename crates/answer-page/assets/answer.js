// Answers: what the network sees blended into a face, and a film's time lines.
"use strict";

addEventListener("input", (event) => {
  const range = event.target;
  if (!range.matches(".blend input")) return;
  range.closest("figure").querySelector(".finding").style.opacity = String(range.value / 100);
});

for (const film of document.querySelectorAll(".film:not(.still .film)")) {
  const player = film.querySelector("video"), seek = film.querySelector(".seek input");
  const lines = [...film.querySelectorAll(".time-line")].map((line) => ({
    plot: line.querySelector("svg"),
    head: line.querySelector(".playhead"),
    seconds: Number(line.dataset.seconds),
  }));
  const show = (at) => {
    for (const { head, seconds } of lines) head.setAttribute("d", `M${(1000 * at / seconds).toFixed(1)} 0v100`);
    seek.value = String(at);
    seek.setAttribute("aria-valuetext", `${at.toFixed(1)} seconds`);
  };
  const go = (at) => {
    if (player && !player.error) player.currentTime = at;
    show(at);
  };
  for (const { plot, seconds } of lines) {
    const at = (event) => {
      const place = plot.getBoundingClientRect();
      return seconds * Math.min(1, Math.max(0, (event.clientX - place.left) / place.width));
    };
    plot.addEventListener("pointerdown", (event) => { plot.setPointerCapture(event.pointerId); go(at(event)); });
    plot.addEventListener("pointermove", (event) => { if (event.buttons) go(at(event)); });
  }
  seek.addEventListener("input", () => go(Number(seek.value)));
  for (const button of film.querySelectorAll("button.go")) {
    button.addEventListener("click", () => { go(Number(button.dataset.seconds)); player?.scrollIntoView({ block: "nearest" }); });
  }
  if (!player) continue;
  // Of many films those are opened that are looked at.
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    player.preload = "metadata";
    observer.disconnect();
  }).observe(player);
  player.addEventListener("timeupdate", () => show(player.currentTime));
  const unplayable = () => { film.querySelector(".unplayable").hidden = false; player.hidden = true; };
  player.addEventListener("error", unplayable);
  if (player.error) unplayable();
}
