/** What is unfolded on the page, beyond its first screen. */
export class Unfolded {
  /** One picture followed through the step that comes. */
  follow = $state(false);
  /** What a person can ask of the network. */
  ask = $state(false);
  /** The stop of the tour, from 1; none when it is not under way. */
  stop = $state<number>();

  /** Brings a panel that was just unfolded into sight. */
  show(panel: 'follow' | 'ask'): void {
    document.getElementById(panel)?.scrollIntoView({ block: 'nearest' });
  }
}
