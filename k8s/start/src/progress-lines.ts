import type { OnProgress } from '@subnetes/local-cluster/progress';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;
const STEP_COLUMNS = 38;

export interface ProgressLines extends Disposable {
  readonly onProgress: OnProgress;
  /** Prints text of its own between the steps. */
  say(text: string): void;
}

/** `41 s`, or `3:12` from two minutes on. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${ms < 9950 ? (ms / 1000).toFixed(1) : seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** One finished step as a line. */
export function stepLine(mark: string, step: string, duration: string, detail: string): string {
  return ` ${mark} ${step.padEnd(STEP_COLUMNS)} ${duration.padStart(7)}${detail === '' ? '' : `   ${detail}`}`;
}

/**
 * Shows steps as they go: on a terminal the running one is redrawn with its time and newest detail, elsewhere each step
 * is one plain line when it ends. Steps may nest; the innermost running one is shown.
 */
export function progressLines(out: NodeJS.WriteStream, nowMs: () => number = () => performance.now()): ProgressLines {
  const running: { step: string; startedMs: number; detail: string }[] = [];
  const isLive = out.isTTY === true;
  let frame = 0;
  const clear = (): void => {
    if (isLive) out.write('\r\u001b[K');
  };
  const draw = (): void => {
    const current = running.at(-1);
    if (!isLive || current === undefined) return;
    frame = (frame + 1) % FRAMES.length;
    const line = stepLine(FRAMES[frame] ?? '', current.step, durationText(nowMs() - current.startedMs), current.detail);
    out.write(`\r\u001b[K${line.slice(0, (out.columns ?? 100) - 1)}`);
  };
  const timer = isLive ? setInterval(draw, FRAME_MS) : undefined;
  return {
    onProgress(event) {
      const current = running.findLast((entry) => entry.step === event.step);
      if (event.state === 'started') {
        running.push({ step: event.step, startedMs: nowMs(), detail: '' });
      } else if (event.state === 'progress') {
        if (current !== undefined) current.detail = event.detail ?? '';
      } else {
        const detail = event.detail ?? current?.detail ?? '';
        if (current !== undefined) running.splice(running.indexOf(current), 1);
        clear();
        out.write(
          `${stepLine(event.state === 'done' ? '✔' : '✘', event.step, durationText(event.durationMs ?? 0), detail)}\n`,
        );
      }
      draw();
    },
    say(text) {
      clear();
      out.write(`${text}\n`);
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      clear();
    },
  };
}
