/** Who did most. */

import type { Section } from '../../page/page.ts';
import { type ActorRow, earlierOf, type MonthlyData } from './data.ts';
import { besides, besideText, changeShort, counted, periodName, several } from './words.ts';

/** Bars of the chart; the table has more. */
const BARS = 10;

export function actorsSection(data: MonthlyData): Section {
  const { actors, actorCounts, period } = data;
  const earlier = earlierOf(data);
  const to = data.origins.actors;
  const top = actors.slice(0, BARS);
  const were = [
    { text: '; ' },
    { text: counted(actorCounts.actorsBefore), to },
    { text: ` did in ${earlier.name}, and ` },
    { text: counted(actorCounts.newcomers), to },
    { text: ' of those active now were not among them' },
  ];
  return {
    id: 'actors',
    title: 'Actors',
    blocks: [
      {
        kind: 'text',
        text: [
          { text: several(actorCounts.actors, 'actor'), to },
          { text: ' did something' },
          ...(earlier.known ? were : []),
          { text: '.' },
        ],
      },
      {
        kind: 'chart',
        form: 'horizontal',
        title: 'Busiest actors',
        description: `Those with the most events${besideText(earlier)}.`,
        labels: top.map((actor) => actorLabel(actor, actors)),
        labelTitle: 'Actor',
        valueTitle: 'Events',
        unit: 'count',
        to,
        series: besides(
          earlier,
          top.map(({ eventsBefore }) => eventsBefore),
          { name: periodName(period), values: top.map(({ events }) => events) },
          'earlier last',
        ),
      },
      {
        kind: 'table',
        caption: `The ${several(actors.length, 'actor')} with the most events`,
        columns: [
          { title: 'Actor', width: 2 },
          { title: 'Type' },
          { title: 'Events', align: 'right' },
          { title: earlier.name, align: 'right' },
          { title: 'Change', align: 'right' },
          { title: 'Changes made', align: 'right' },
          { title: 'Failures', align: 'right' },
        ],
        rows: actors.map((actor) => ({
          cells: [
            actor.name,
            actor.type,
            [{ text: counted(actor.events), to }],
            counted(actor.eventsBefore),
            changeShort(actor.events, actor.eventsBefore, earlier),
            counted(actor.changes),
            counted(actor.failures),
          ],
        })),
        empty: 'Nobody is named in any event.',
      },
    ],
  };
}

/** With its type where two actors share a name. */
export const actorLabel = ({ name, type }: ActorRow, all: readonly ActorRow[]): string =>
  all.filter((other) => other.name === name).length > 1 ? `${name} (${type.replaceAll('_', ' ')})` : name;
