/** The whole hour: who logs how much of it, and what is wrong with it. The same seed and start give the same hour. */

import { random } from '../../bench/random.ts';
import { planFlows, planLookup, planTrail } from './aws.ts';
import { planActivity, planSignIns } from './azure.ts';
import { planBackfill, planDigests, planSilence } from './gaps.ts';
import { planAudit, planSink } from './gcp.ts';
import type { Hour, Plan } from './plan.ts';

/** Shares of the rate. */
const SHARES = {
  trail: 0.5,
  flows: 0.2,
  lookup: 0.02,
  activity: 0.08,
  signIns: 0.05,
  audit: 0.1,
  sink: 0.05,
} as const;

export function planHour(hour: Hour): Plan {
  const r = random(hour.seed);
  const share = (name: keyof typeof SHARES) => SHARES[name] * hour.rate;
  const empty: Plan = {
    deliveries: [],
    expected: { events: new Map(), flows: new Map() },
    gaps: [],
    trailKeys: {},
    backfills: [],
  };
  const plan: Plan = {
    ...empty,
    trailKeys: planDigests(empty, hour, r),
    backfills: planBackfill(empty, hour, r),
  };
  planSilence(plan, hour, r);
  planTrail(plan, hour, r, share('trail'));
  planFlows(plan, hour, r, share('flows'));
  planLookup(plan, hour, r, share('lookup'));
  planActivity(plan, hour, r, share('activity'));
  planSignIns(plan, hour, r, share('signIns'));
  planAudit(plan, hour, r, share('audit'));
  planSink(plan, hour, r, share('sink'));
  plan.deliveries.sort((a, b) => a.at - b.at);
  return plan;
}
