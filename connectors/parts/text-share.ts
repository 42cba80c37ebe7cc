/** Whether bytes are text that a person could read. */

/** Control characters that no text holds, of all characters. Compressed or binary data has five times as many. */
const MOST_CONTROLS = 0.02;
/** Characters that are no UTF-8. Logs in an older encoding have many, and are still worth searching. */
const MOST_UNDECODABLE = 0.6;

/** `text` is the beginning of a body, decoded as UTF-8 with U+FFFD where that fails. Empty text is text. */
export function isText(text: string): boolean {
  let controls = 0;
  let undecodable = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0xfffd) undecodable++;
    else if (code < 0x20 && !isTextControl(code)) controls++;
  }
  return controls <= text.length * MOST_CONTROLS && undecodable <= text.length * MOST_UNDECODABLE;
}

/** Backspace, tab, line ends, form feed, bell, escape: terminals and printers write them into logs. */
function isTextControl(code: number): boolean {
  return (code >= 0x07 && code <= 0x0d) || code === 0x1b || code === 0x1e;
}
