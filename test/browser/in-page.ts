/** What is asked of a page once a browser shows it: expressions, since a page's own policy keeps scripts out of it. */

/** How far the document is wider than the window. */
export const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Elements that could act or load, whatever put them there. */
export const ACTIVE_ELEMENTS = `
  [...document.querySelectorAll('script,img,iframe,object,embed,link,form,input,button,video,audio,base,template')]
    .map((element) => element.outerHTML.slice(0, 120))`;

/** Links that lead anywhere but to a place of the page. */
export const OUTSIDE_LINKS = `
  [...document.querySelectorAll('a')]
    .map((link) => link.getAttribute('href'))
    .filter((to) => !to.startsWith('#') || document.getElementById(to.slice(1)) === null)`;

/** Charts that are shown, with their size and how many bars lie within the drawing. */
export const CHARTS = `
  [...document.querySelectorAll('figure svg')]
    .map((svg) => ({ box: svg.getBoundingClientRect(), view: svg.viewBox.baseVal, svg }))
    .filter(({ box }) => box.width > 0)
    .map(({ box, view, svg }) => ({
      width: box.width,
      height: box.height,
      said: svg.getAttribute('aria-label').length,
      outside: [...svg.querySelectorAll('rect,text')].filter((mark) => {
        const { x, y, width, height } = mark.getBBox();
        return x < -1 || y < -1 || x + width > view.width + 1 || y + height > view.height + 1;
      }).map((mark) => mark.outerHTML.slice(0, 160)),
      bars: svg.querySelectorAll('rect').length,
    }))`;

/**
 * Texts whose contrast with their ground is below 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum
 * Colours of the page are opaque, so the nearest ground that is not transparent is what lies behind.
 */
export const LOW_CONTRAST = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.closest('title') !== null) continue;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') === null ? style.color : style.fill;
    const [a, b] = [light(channels(colour)), light(ground(element))].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.add(element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
  }
  return [...found];
})()`;
