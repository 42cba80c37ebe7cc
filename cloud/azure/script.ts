/** Deploys the Bicep files with the Azure CLI. https://learn.microsoft.com/en-us/cli/azure/deployment */

import { command, expanded, script, type Word } from '../shell.ts';
import { flowLogOf, WATCHER_GROUP, watcherOf } from './networks.ts';
import {
  type AzurePlan,
  type Destination,
  destinationHelp,
  destinationName,
  ISSUER_HELP,
  parameterOf,
} from './plan.ts';

const variableOf = (destination: Destination): string => destinationName(destination).toUpperCase();
const needed = (name: string, help: string): string => `: "\${${name}:?${help.replaceAll(/["$`\\}]/g, '')}}"`;

export function azureScript(plan: AzurePlan): string {
  const { name, tenant, subscriptions, asked, destinations, networks, issuer } = plan;
  const [home] = [...subscriptions, ...asked];
  const inSubscription = (title: string, file: string, subscription: Word, ...more: readonly Word[]) =>
    command(
      'az',
      'deployment',
      'sub',
      'create',
      '--name',
      `${name}-${title}`,
      '--location',
      expanded('"$AZURE_LOCATION"'),
      '--subscription',
      subscription,
      '--template-file',
      file,
      ...more,
    );
  const ids = (wanted: readonly Destination[]) =>
    wanted.flatMap((one): Word[] => ['--parameters', expanded(`"${parameterOf(one)}=$${variableOf(one)}"`)]);
  const where = home === undefined ? expanded('"$AZURE_SUBSCRIPTION"') : home;
  const said = (output: string) =>
    command(
      'az',
      'deployment',
      'sub',
      'show',
      '--name',
      `${name}-identity`,
      '--subscription',
      where,
      '--query',
      `properties.outputs.${output}.value`,
      '--output',
      'tsv',
    );
  const activity = destinations.filter((one) => one.activity);
  const entra = destinations.filter((one) => one.entra.length > 0);
  return script([
    [
      '# Needs: az login, by somebody who may register applications, assign roles on what is read, and export',
      `# the logs of the tenant ${tenant} (docs/azure.md has the table).`,
      needed('AZURE_LOCATION', 'A location such as westeurope, for the records of deployments.'),
      ...(home === undefined ? [needed('AZURE_SUBSCRIPTION', 'A subscription to deploy from.')] : []),
      ...(issuer === null ? [needed('AWS_ISSUER', ISSUER_HELP)] : [`AWS_ISSUER=\${AWS_ISSUER:-${issuer}}`]),
      ...destinations.map((one) => needed(variableOf(one), destinationHelp(one))),
      `cd "$(dirname "\${BASH_SOURCE[0]}")"`,
    ].join('\n'),
    [
      inSubscription('identity', 'identity.bicep', where, '--parameters', expanded('"issuer=$AWS_ISSUER"')),
      `application=$(${said('application')})`,
      `principal=$(${said('principal')})`,
    ].join('\n'),
    ...subscriptions
      .filter(() => activity.length > 0)
      .map((one) => inSubscription('activity', 'activity.bicep', one, ...ids(activity))),
    ...(entra.length === 0
      ? []
      : [
          command(
            'az',
            'deployment',
            'tenant',
            'create',
            '--name',
            `${name}-entra`,
            '--location',
            expanded('"$AZURE_LOCATION"'),
            '--template-file',
            'entra.bicep',
            ...ids(entra),
          ),
        ]),
    ...destinations.map((one) => {
      const variable = variableOf(one);
      return [
        `IFS=/ read -r _ _ subscription _ group _ <<<"$${variable}"`,
        command(
          'az',
          'deployment',
          'group',
          'create',
          '--name',
          `${name}-reader`,
          '--subscription',
          expanded('"$subscription"'),
          '--resource-group',
          expanded('"$group"'),
          '--template-file',
          `${one.kind}-reader.bicep`,
          '--parameters',
          expanded(`"name=\${${variable}##*/}"`),
          '--parameters',
          expanded('"principal=$principal"'),
        ),
      ].join('\n');
    }),
    ...networks.map((one) =>
      command(
        'az',
        'deployment',
        'group',
        'create',
        '--name',
        flowLogOf(name, one),
        '--subscription',
        one.subscription,
        '--resource-group',
        WATCHER_GROUP,
        '--template-file',
        'flow-log.bicep',
        ...[
          `name=${flowLogOf(name, one)}`,
          `watcher=${watcherOf(one)}`,
          `region=${one.region}`,
          `network=${one.id}`,
        ].flatMap((value) => ['--parameters', value]),
        '--parameters',
        expanded(`"storage=$${variableOf(one.destination)}"`),
      ),
    ),
    ...asked.map((one) =>
      inSubscription(
        'reader',
        'subscription-reader.bicep',
        one,
        '--parameters',
        expanded('"principal=$principal"'),
      ),
    ),
    `echo "Put into audit-trail.json: {\\"azure\\": {\\"application\\": \\"$application\\"}}"`,
  ]);
}
