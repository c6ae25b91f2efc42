/** Times closer than this (ms) count as the same instant: simulation times carry rounding errors below it. */
export const instantMs = 1e-3;
