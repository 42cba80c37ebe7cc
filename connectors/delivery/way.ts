/** Makes a source's way of delivery from its settings and what opens it. */

import type { FeedDelivery } from '../contract.ts';
import type { Feed } from './feed.ts';
import type { SettingsOf, SettingsShape } from './settings.ts';

/** `open` imports the vendor's SDK itself, so that only who pulls pays for loading it. */
export function feedDelivery<S extends SettingsShape>(way: {
  readonly id: string;
  readonly help: string;
  readonly settings: S;
  readonly place: (settings: SettingsOf<S>) => string | null;
  readonly open: (settings: SettingsOf<S>) => Promise<Feed>;
}): FeedDelivery {
  return {
    kind: 'feed',
    ...way,
    place: (settings) => way.place(settings as SettingsOf<S>),
    open: (settings) => way.open(settings as SettingsOf<S>),
  };
}
