/**
 * Whole files as they were read beside the vendors' pages that cloud/ names. After a change that is meant:
 * `akashi connect azure --format bicep --config test/cloud/golden/audit-trail.json --out test/cloud/golden/azure-bicep`,
 * and so on; then read what changed.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { azureBicep } from '../../cloud/azure/bicep.ts';
import { azurePlan } from '../../cloud/azure/plan.ts';
import { azureTerraform } from '../../cloud/azure/terraform.ts';
import { gcloudScript } from '../../cloud/gcp/gcloud.ts';
import { gcpPlan } from '../../cloud/gcp/plan.ts';
import { gcpTerraform } from '../../cloud/gcp/terraform.ts';
import { parseConfiguration } from '../../infra/configuration.ts';

const GOLDEN = new URL('golden/', import.meta.url);
const configuration = parseConfiguration(readFileSync(new URL('audit-trail.json', GOLDEN), 'utf8'), 'golden');
const MADE = {
  'azure-bicep': azureBicep(azurePlan(configuration)),
  'azure-terraform': azureTerraform(azurePlan(configuration)),
  'gcp-terraform': gcpTerraform(gcpPlan(configuration)),
  'gcp-gcloud': gcloudScript(gcpPlan(configuration)),
} as const;

test.each(Object.entries(MADE))('%s', (folder, files) => {
  const place = new URL(`${folder}/`, GOLDEN);
  expect(files.map(({ name }) => name).sort()).toEqual(readdirSync(place).sort());
  for (const { name, text } of files) expect(text).toBe(readFileSync(new URL(name, place), 'utf8'));
});
