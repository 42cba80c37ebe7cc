/** STORE: days that are over are merged, and the tables are described for Athena and others that ask Glue. */

import { CfnOutput } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { COPIES, ICEBERG_TABLES, WITH_COPIES } from '../../exports/iceberg.ts';
import { functionNamed } from '../../functions/list.ts';
import type { TableName } from '../../schema/columns.ts';
import { glueColumns, OWNED } from '../../tables/glue.ts';
import type { Deployment } from '../deployment.ts';
import { glueDatabase, ICEBERG_PREFIX } from '../names.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { Keys } from '../parts/keys.ts';
import { Schedules } from '../parts/schedule.ts';
import type { StageProps } from './normalise.ts';
import { signingKey } from './seal.ts';

export class Store extends Construct {
  readonly compact: AuditFunction;
  /** Of the Glue database. */
  readonly database: string;

  constructor(scope: Construct, id: string, { deployment, preserve, functions }: StageProps, keys: Keys) {
    super(scope, id);
    this.compact = functions.make(this, 'compact', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_SIGNING_KEY: signingKey(keys),
    });
    new Schedules(this, 'Schedules', deployment, {
      function: this.compact,
      failed: functions.failed,
      runs: functionNamed('compact').triggers.flatMap((one) =>
        one.kind === 'schedule' ? [{ name: 'compact', everyMinutes: one.everyMinutes, event: {} }] : [],
      ),
    });
    this.database = this.#glue(deployment);
  }

  #glue(deployment: Deployment): string {
    const { configuration, account, removal, bucket } = deployment;
    const name = glueDatabase(configuration);
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: { name, description: `The tables of ${configuration.name}` },
    });
    database.applyRemovalPolicy(removal);
    const tables: [string, TableName][] = [
      ...ICEBERG_TABLES.map((table): [string, TableName] => [table, table]),
      ...WITH_COPIES.map((table): [string, TableName] => [`${table}${COPIES}`, table]),
    ];
    for (const [table, columns] of tables) {
      const made = new CfnTable(this, `Table-${table}`, {
        catalogId: account,
        databaseName: name,
        tableInput: {
          name: table,
          tableType: 'EXTERNAL_TABLE',
          // Where its newest metadata lies is told by each seal.
          parameters: { ...OWNED, table_type: 'ICEBERG' },
          storageDescriptor: {
            location: `s3://${bucket('exports')}/${ICEBERG_PREFIX}${table}`,
            columns: glueColumns(columns),
          },
        },
      });
      made.applyRemovalPolicy(removal);
      made.addResourceDependency(database);
    }
    new CfnOutput(this, 'GlueDatabase', { description: 'Whose tables follow each seal', value: name });
    return name;
  }
}
