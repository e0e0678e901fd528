import './trusted';
import { isolate } from './state/browser/isolation';
import { lacking } from './state/browser/requirements';

const lack = lacking();
// www/start says it.
if (lack) throw new Error(lack);
// Nothing is fetched or shown for a document that will be loaded once more.
if (!(await isolate())) await import('./page');
