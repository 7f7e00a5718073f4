import { stripVTControlCharacters } from 'node:util';
import type { Clock } from '@sorcha/storage';
import { formatCount, formatRate, formatTimeLeft } from './format-number.ts';
import type { Terminal } from './terminal.ts';

/** Shows how far a long piece of work is. */
export interface ProgressLine {
  /** Tells how many units are done; draws only when it is time to. */
  readonly update: (done: number) => void;
  /** Takes the line away. Calling again does nothing. */
  readonly end: () => void;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;
const WINDOW_MS = 5_000;
const BAR_CELLS = 24;

/**
 * Starts a progress line on the notes stream: redrawn in place on a terminal, elsewhere one plain line about every ten
 * seconds, so that short work leaves no trace in a log.
 *
 * @param options.isJson leaves the plain lines out, so that a program finds nothing but its error on stderr.
 * @param options.label what is done, as a participle: `Verifying`.
 * @param options.unit plural of what is counted: `dockets`.
 */
export function startProgressLine(options: {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly isJson: boolean;
  readonly label: string;
  readonly unit: string;
  readonly total: number;
}): ProgressLine {
  const { terminal, clock, isJson, label, unit, total } = options;
  const startedAt = clock.now();
  let samples: { at: number; done: number }[] = [{ at: startedAt, done: 0 }];
  let drawnAt = terminal.isAnimated ? startedAt - REDRAW_MS : startedAt;
  let isDrawn = false;

  const draw = (done: number, now: number) => {
    const oldest = samples[0] ?? { at: startedAt, done: 0 };
    const rate = now > oldest.at ? ((done - oldest.done) * 1_000) / (now - oldest.at) : 0;
    const left = rate > 0 ? `${formatTimeLeft(((total - done) / rate) * 1_000)} left` : '';
    const percent = `${Math.floor((done / Math.max(1, total)) * 100)}%`;
    const counts = `${formatCount(done)} of ${formatCount(total)} ${unit}`;
    if (terminal.isAnimated) {
      const { notes } = terminal;
      const text = [percent.padStart(4), counts, rate > 0 ? formatRate(rate) : '', left].filter(Boolean).join('  ');
      const room = notes.columns - label.length - text.length - 4;
      const bar = room >= 10 ? `${drawBar(done / Math.max(1, total), Math.min(BAR_CELLS, room), terminal)} ` : '';
      notes.write(`\r${fit(`${label} ${bar}${text}`, notes.columns - 1)}\u001b[K`);
      isDrawn = true;
    } else if (!isJson) {
      terminal.notes.line(`${label}: ${[percent, counts, formatRate(rate), left].filter(Boolean).join(', ')}`);
    }
  };
  return {
    update(done) {
      const now = clock.now();
      if (now - drawnAt < (terminal.isAnimated ? REDRAW_MS : PLAIN_LINE_MS)) {
        return;
      }
      drawnAt = now;
      samples = samples.filter((sample) => now - sample.at <= WINDOW_MS || sample === samples.at(-1));
      draw(done, now);
      samples.push({ at: now, done });
    },
    end() {
      if (isDrawn) {
        terminal.notes.write('\r\u001b[K');
        isDrawn = false;
      }
    },
  };
}

function drawBar(share: number, cells: number, terminal: Terminal): string {
  const full = Math.round(Math.min(1, share) * cells);
  return terminal.hasUnicode
    ? terminal.notes.style('cyan', '█'.repeat(full)) + terminal.notes.style('dim', '░'.repeat(cells - full))
    : `[${'#'.repeat(full)}${'.'.repeat(cells - full)}]`;
}

/** Cuts a line that is too long for the terminal, without colours then, because a wrapped line cannot be redrawn. */
const fit = (text: string, columns: number) => {
  const plain = stripVTControlCharacters(text);
  return plain.length <= columns ? text : plain.slice(0, columns);
};
