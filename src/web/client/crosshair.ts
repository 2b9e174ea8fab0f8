/** What stands under the pointer on a curve: its step and value, beside a line. */
document.addEventListener('pointermove', ({ target, clientX }) => {
  const plot = target instanceof Element ? target.closest<SVGSVGElement>('svg[data-crosshair]') : null;
  if (!plot) return;
  const points = JSON.parse(plot.dataset.crosshair ?? '[]') as [number, string][];
  const { left, width } = plot.getBoundingClientRect();
  const step = ((clientX - left) / width) * Number(plot.dataset.most);
  const nearest = points.reduce<[number, string] | null>(
    (best, point) => (best === null || Math.abs(point[0] - step) < Math.abs(best[0] - step) ? point : best),
    null,
  );
  if (!nearest) return;
  const at = (nearest[0] / Number(plot.dataset.most)) * 100;
  const line = plot.querySelector('.crosshair') ?? plot.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'line'));
  line.setAttribute('class', 'crosshair grid');
  for (const [name, value] of Object.entries({ x1: at, x2: at, y1: 0, y2: 100 })) line.setAttribute(name, String(value));
  const caption = plot.closest('figure')?.querySelector('figcaption');
  const told = caption?.querySelector('.told') ?? caption?.appendChild(document.createElement('span'));
  if (!told) return;
  told.className = 'told muted';
  told.textContent = `step ${nearest[0]}: ${nearest[1]}`;
});
