/** AWS at a glance: which accounts, regions and VPCs are covered. */

import { surveyRoleName } from '../../infra/names.ts';
import { AkashiError } from '../../schema/error.ts';
import { pooled } from '../../vault/pool.ts';
import { awsIdentity } from '../credentials.ts';
import { type Examination, type Finding, ok, unknown } from '../finding.ts';
import type { Held } from '../held.ts';
import type { Subject } from '../subject.ts';
import { within } from '../time-limit.ts';
import { collectedFrom, glance, judgeAccount } from './judge.ts';
import { type Account, organizationAccounts, surveyAccount } from './survey.ts';

const AREA = 'AWS coverage';
const ACCOUNTS_AT_ONCE = 4;
/** For all accounts of an organisation, milliseconds. */
const SURVEY_MILLIS = 120_000;

export const awsExamination = (subject: Subject, held: Promise<Held | null>): Examination => ({
  area: AREA,
  look: () => within((signal) => look(subject, held, signal), SURVEY_MILLIS),
});

async function look(
  { places, deployment }: Subject,
  held: Promise<Held | null>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const region =
    process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? deployment?.region ?? 'us-east-1';
  const { account: own, arn } = await awsIdentity(signal);
  const { accounts, findings } = await accountsOf(own, region);
  const partition = arn.split(':')[1] ?? 'aws';
  const collected = collectedFrom(places);
  const arrived = await held;
  const surveys = await pooled(accounts, ACCOUNTS_AT_ONCE, (account) => {
    const role =
      account.id === own
        ? null
        : `arn:${partition}:iam::${account.id}:role/${surveyRoleName(deployment ?? { name: 'akashi', region })}`;
    return surveyAccount(account, region, role);
  });
  return [
    glance(surveys, collected, own),
    ...findings,
    ...surveys.flatMap((survey) => judgeAccount(survey, collected, arrived, own)),
  ];
}

/** Those of the organisation, and the own one in any case. */
async function accountsOf(
  own: string,
  region: string,
): Promise<{ accounts: Account[]; findings: Finding[] }> {
  const alone: Account[] = [{ id: own, name: '' }];
  try {
    const listed = await organizationAccounts(region);
    const accounts = listed.some(({ id }) => id === own) ? listed : [...alone, ...listed];
    return {
      accounts,
      findings: [ok(AREA, `the organisation has ${accounts.length} active accounts`)],
    };
  } catch (error) {
    if (!(error instanceof AkashiError)) throw error;
    const { name } = (error.cause ?? {}) as { name?: string };
    const finding =
      name === 'AWSOrganizationsNotInUseException'
        ? ok(AREA, `${own} belongs to no organisation`)
        : unknown(
            AREA,
            `whether there are accounts beside ${own}: ${error.message}`,
            'Look with credentials of the management account, or make this one a delegated administrator: aws organizations register-delegated-administrator.',
          );
    return { accounts: alone, findings: [finding] };
  }
}
