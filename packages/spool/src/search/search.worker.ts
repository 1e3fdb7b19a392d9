/** A thread that searches: its pool (search-threads.ts) gives it a part of a search after the other. */
import { runSearchTask } from './search-run.js';

export default runSearchTask;
