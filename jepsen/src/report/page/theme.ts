/** The colors of the page's style, for canvases: they change with light and dark. */
export interface Theme {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
  readonly ok: string;
  readonly fail: string;
  readonly unknown: string;
  readonly violating: string;
  readonly dim: string;
  readonly fault: string;
  readonly faultBand: string;
  readonly leader: string;
  readonly candidate: string;
  readonly follower: string;
  readonly learner: string;
  readonly silent: string;
}

export const FONT = '12px system-ui, sans-serif';
export const SMALL_FONT = '11px system-ui, sans-serif';

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color('ink'),
    faint: color('faint'),
    line: color('line'),
    paper: color('paper'),
    accent: color('accent'),
    ok: color('ok'),
    fail: color('fail'),
    unknown: color('unknown'),
    violating: color('violating'),
    dim: color('dim'),
    fault: color('fault'),
    faultBand: color('fault-band'),
    leader: color('leader'),
    candidate: color('candidate'),
    follower: color('follower'),
    learner: color('learner'),
    silent: color('silent'),
  };
}
