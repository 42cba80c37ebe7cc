import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import classes from '../../../schema/ocsf-classes.json' with { type: 'json' };

const schema = new URL('../../../../shared/ocsf/', import.meta.url);

interface Captions {
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
}

interface EventFile {
  readonly name: string;
  readonly caption: string;
  readonly uid?: number;
  readonly extends?: string;
  readonly category?: string;
  readonly attributes: Readonly<Record<string, Captions>>;
}

const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, schema), 'utf8')) as T;

/** Captions of one enum by id. */
const captions = (attribute: Captions | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(attribute?.enum ?? {}).map(([id, { caption }]) => [id, caption]));

describe('the OCSF classes kept as data', () => {
  test.each([
    ['Base Event', 0],
    ['Process Activity', 1007],
    ['Detection Finding', 2004],
    ['Account Change', 3001],
    ['Authentication', 3002],
    ['Entity Management', 3004],
    ['User Access Management', 3005],
    ['Group Management', 3006],
    ['Network Activity', 4001],
    ['SSH Activity', 4007],
    ['API Activity', 6003],
    ['Datastore Activity', 6005],
  ] as const)('%s is %i', (name, uid) => {
    expect(classes.classes[name].uid).toBe(uid);
    expect(classes.classes[name].activities).toMatchObject({ 0: 'Unknown', 99: 'Other' });
  });

  test.skipIf(!existsSync(schema))('say what the schema says', () => {
    const dictionary = read<{ attributes: Record<string, Captions> }>('dictionary.json').attributes;
    const categories = read<{ attributes: Record<string, { uid: number }> }>('categories.json').attributes;
    const files = readdirSync(new URL('events/', schema), { recursive: true, encoding: 'utf8' });
    const events = new Map(
      files
        .filter((file) => file.endsWith('.json'))
        .map((file) => read<EventFile>(`events/${file}`))
        .map((event) => [event.name, event]),
    );
    const lineage = (event: EventFile | undefined): EventFile[] =>
      event ? [...lineage(events.get(event.extends ?? '')), event] : [];

    expect(classes.version).toBe(read<{ version: string }>('version.json').version);
    expect(classes.status).toEqual(captions(dictionary['status_id']));
    expect(classes.severity).toEqual(captions(dictionary['severity_id']));
    for (const event of events.values()) {
      if (event.uid === undefined) continue;
      const line = lineage(event);
      const category = line.findLast((ancestor) => ancestor.category !== undefined)?.category ?? '';
      const kept = (classes.classes as Record<string, { uid: number; activities: object }>)[event.caption];
      expect(kept?.uid, event.caption).toBe((categories[category]?.uid ?? 0) * 1000 + event.uid);
      expect(kept?.activities, event.caption).toEqual(
        Object.assign(
          captions(dictionary['activity_id']),
          ...line.map((e) => captions(e.attributes['activity_id'])),
        ),
      );
    }
  });
});
