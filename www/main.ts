import './trusted';
import { mount } from 'svelte';
import App from './App.svelte';
import Embed from './Embed.svelte';
import { readEmbed } from './state/embed';
import { isolate } from './state/isolation';
import './style.css';

const target = document.getElementById('page');
if (!target) throw new Error('index.html has no element #page.');
const { embed } = readEmbed(location.search);
if (embed) mount(Embed, { target, props: { embed } });
// Nothing is shown before a page that will be loaded once more.
else if (!(await isolate())) mount(App, { target });
