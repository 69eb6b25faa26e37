// What the document holds.

const WIDTH = 1280;
const HEIGHT = 720;

const root = document.documentElement;
const stage = document.getElementById("stage");
const slides = [...stage.querySelectorAll(".slide")];
root.dataset.started = "";
const settings = JSON.parse(document.getElementById("settings").textContent);

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const layout = () => root.dataset.layout;
const between = (least, value, most) => Math.max(least, Math.min(value, most));

// When the browser has nothing else to do, or after a while all the same: a busy one may never have.
const WHILE = 200;
const later = (task) =>
  "requestIdleCallback" in window ? requestIdleCallback(task, { timeout: WHILE }) : setTimeout(task, 1);
