/** The page itself: loaded once it is clear that the document will not be loaded again. */
import { mount } from 'svelte';
import App from './App.svelte';
import { readEmbed } from './state/page/embed';
import { outliveTranslators } from './state/browser/translation';
import './style.css';

const target = document.getElementById('page');
if (!target) throw new Error('index.html has no element #page.');
outliveTranslators(document.body);
const { embed } = readEmbed(location.search);
// A panel's file takes what it needs from this one, which therefore must not wait for it.
if (embed)
  void import('./Embed.svelte').then(({ default: Embed }) => {
    mount(Embed, { target, props: { embed } });
    started();
  });
else {
  mount(App, { target });
  started();
}

/** What index.html says of a page that has not started is true no more. */
function started(): void {
  document.getElementById('unstarted')?.remove();
}
