/** The library that draws curves, fetched beside the page: it is a quarter of its code, and nothing else waits for it. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export default uPlot;
