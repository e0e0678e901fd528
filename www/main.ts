import './trusted';
import { isolate } from './state/isolation';

// Nothing is fetched or shown for a document that will be loaded once more.
if (!(await isolate())) await import('./page');
