import './trusted';
import { mount } from 'svelte';
import App from './App.svelte';
import { isolate } from './state/isolation';
import './style.css';

const target = document.getElementById('page');
if (!target) throw new Error('index.html has no element #page.');
// Nothing is shown before a page that will be loaded once more.
if (!(await isolate())) mount(App, { target });
