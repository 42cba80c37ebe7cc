/** What a command's end says to scripts. */

export const FAILED = 1;
export const USAGE = 2;
/** Done, and what was given out is right, but a limit cut it: there is more. */
export const CUT = 3;
