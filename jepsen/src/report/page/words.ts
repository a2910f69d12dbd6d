import { describeShort, type Fact, factsOf } from './describe.js';
import { pageElement } from './page-element.js';
import { durationText, momentText, roundStep } from './time-scale.js';
import type { View } from './view.js';

/** Says in words what is looked at. All texts are set as texts: they are anybody's. */
export class Words {
  readonly #view: View;
  readonly #range = pageElement('range', HTMLElement);
  readonly #facts = pageElement('facts', HTMLElement);
  readonly #tip = pageElement('tip', HTMLElement);
  readonly #orderWords = pageElement('order-words', HTMLElement);
  #selected: number | undefined;
  #tipPlace = { x: 0, y: 0 };

  constructor(view: View) {
    this.#view = view;
    const hasNone = view.violating.length === 0;
    pageElement('violating-before', HTMLButtonElement).hidden = hasNone;
    pageElement('violating-next', HTMLButtonElement).hidden = hasNone;
    document.addEventListener('pointermove', ({ clientX, clientY }) => {
      this.#tipPlace = { x: clientX, y: clientY };
      this.#placeTip();
    });
    this.#showFacts();
  }

  update(): void {
    const { range, selected, hovered } = this.#view.state;
    const span = range.toUs - range.fromUs;
    const step = roundStep(span / 100);
    this.#range.textContent = `${momentText(range.fromUs, step)} to ${momentText(range.toUs, step)} (${durationText(span)})`;
    if (selected !== this.#selected) {
      this.#selected = selected;
      this.#showFacts();
    }
    this.#tip.hidden = hovered === undefined;
    if (hovered !== undefined) {
      const { data } = this.#view;
      const process = data.processes[data.operations.process[hovered] ?? 0] ?? '';
      this.#tip.textContent = `${process}: ${describeShort(data, hovered)}`;
      this.#placeTip();
    }
    this.#showOrder();
  }

  #placeTip(): void {
    if (this.#tip.hidden) return;
    const { x, y } = this.#tipPlace;
    const { offsetWidth, offsetHeight } = this.#tip;
    const left = Math.max(4, Math.min(x + 14, innerWidth - offsetWidth - 4));
    const top = y + 18 + offsetHeight > innerHeight ? y - offsetHeight - 10 : y + 18;
    this.#tip.style.left = `${left}px`;
    this.#tip.style.top = `${top}px`;
  }

  #showFacts(): void {
    const facts = this.#selected === undefined ? [] : this.#factsOf(this.#selected);
    this.#facts.replaceChildren(
      ...facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
    );
    pageElement('nothing-selected', HTMLElement).hidden = facts.length > 0;
  }

  #factsOf(operation: number): readonly Fact[] {
    const { data } = this.#view;
    const about = data.findings.flatMap(({ checker, operations }, at) =>
      operations.includes(operation) ? [`finding ${at + 1} (${checker})`] : [],
    );
    const facts = factsOf(data, operation);
    return about.length === 0 ? facts : [...facts, ['Part of', about.join(', ')]];
  }

  #showOrder(): void {
    const { order, selected } = this.#view.state;
    for (const id of ['order-before', 'order-next']) {
      pageElement(id, HTMLButtonElement).hidden = order === undefined;
    }
    const place = selected === undefined ? undefined : order?.placeOf.get(selected);
    this.#orderWords.textContent =
      order === undefined || place === undefined
        ? ''
        : `${place + 1} of ${order.operations.length} in the order found`;
  }
}

function element(name: 'dt' | 'dd', text: string): HTMLElement {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}
