/** What went wrong, in sentences, until the person has seen it. */
export interface Alert {
  id: number;
  text: string;
  actions: readonly { name: string; act: () => void }[];
}

export class Alerts {
  all = $state.raw<readonly Alert[]>([]);
  private next = 0;

  say(text: string, actions: Alert['actions'] = []): void {
    const others = this.all.filter((alert) => alert.text !== text);
    // More than a handful would push the page away.
    this.all = [...others, { id: this.next++, text, actions }].slice(-5);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((alert) => alert.id !== id);
  }

  clear(): void {
    this.all = [];
  }
}
