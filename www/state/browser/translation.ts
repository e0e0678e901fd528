/**
 * A page that its browser has translated. The translator takes texts out of the document and puts `<font>`s in their places, and
 * whatever Svelte writes to its texts from then on is lost; blocks that begin or end with one cannot be found again.
 *
 * So a text that was taken goes back to where it was, empty, before the translation that stands for it. When Svelte writes to
 * it, the translation goes, and the translator finds a new text; when Svelte moves or removes it, its translation goes along.
 */

/** A text that stands empty before its translation, and what it said. */
interface Translated {
  said: string;
  translation: ChildNode;
}

const isText = (node: Node): node is Text => node.nodeType === Node.TEXT_NODE;

/** Keeps what is under `root` alive, whatever a translator does to it. */
export function outliveTranslators(root: Node): void {
  const translated = new WeakMap<Text, Translated>();
  /** The text that each translation stands for. */
  const texts = new WeakMap<Node, Text>();

  const observer = new MutationObserver((records) => {
    for (const record of records) if (record.type === 'characterData') written(record.target);
    for (const record of records) for (const node of record.removedNodes) untranslated(node, record);
    records.forEach((record, i) => {
      for (const node of record.removedNodes) if (isText(node)) taken(node, records, i);
    });
    // What was done here is not news.
    observer.takeRecords();
  });

  /** Something was written to a text that stood empty: that is what is to be read now. */
  function written(node: Node): void {
    const its = isText(node) && translated.get(node);
    if (!its) return;
    translated.delete(node);
    its.translation.remove();
  }

  /** A text is gone from its place: a translator has taken it, or Svelte has moved or removed it. */
  function taken(text: Text, records: MutationRecord[], i: number): void {
    const its = translated.get(text);
    if (its) return follow(text, its);
    const { addedNodes, previousSibling, nextSibling, target } = records[i] as MutationRecord;
    // Inside of a translation there is nothing of Svelte's.
    if (text.isConnected || text.data.trim() === '' || target.nodeName === 'FONT') return;
    const [before, after] = [records.slice(0, i), records.slice(i)];
    const translation =
      addedNodes[0] ??
      // A translator may as well put its own beside a text first, and then take that out, or the other way round.
      fontOf(before, (its) => its.addedNodes[0] === previousSibling && its.nextSibling === text) ??
      fontOf(before, (its) => its.addedNodes[0] === nextSibling && its.previousSibling === text) ??
      fontOf(
        after,
        (its) => its.target === target && its.previousSibling === previousSibling && its.nextSibling === nextSibling,
      );
    if (translation?.isConnected) stand(text, translation as ChildNode);
  }

  /** What one of these changes brought, if it is a translation that stands for no text yet. */
  const fontOf = (records: readonly MutationRecord[], fits: (record: MutationRecord) => boolean): Node | undefined =>
    records.find((its) => its.addedNodes[0]?.nodeName === 'FONT' && !texts.has(its.addedNodes[0]) && fits(its))
      ?.addedNodes[0];

  function stand(text: Text, translation: ChildNode): void {
    translated.set(text, { said: text.data, translation });
    texts.set(translation, text);
    text.data = '';
    translation.before(text);
    observer.observe(text, { characterData: true });
  }

  function follow(text: Text, { translation }: Translated): void {
    if (text.isConnected) text.after(translation);
    else {
      translated.delete(text);
      translation.remove();
    }
  }

  /** A translation is gone: another takes its place, or the page is to be read as it was. */
  function untranslated(node: Node, { addedNodes }: MutationRecord): void {
    const text = texts.get(node);
    if (!text?.isConnected || node.isConnected) return;
    const its = translated.get(text);
    if (its?.translation !== node) return;
    translated.delete(text);
    text.data = its.said;
    const [another] = addedNodes;
    if (another?.isConnected && another !== text) stand(text, another as ChildNode);
  }

  observer.observe(root, { childList: true, subtree: true });
}
