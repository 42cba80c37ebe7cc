/** The reports there are. */

import type { ReportKind } from './kind.ts';
import { monthly } from './monthly/monthly.ts';
import { ISO27001 } from './standards/iso27001.ts';
import { PCI } from './standards/pci.ts';
import { SOC2 } from './standards/soc2.ts';
import { standardReport } from './standards/standard-report.ts';

export const reportKinds: readonly ReportKind[] = [...[PCI, SOC2, ISO27001].map(standardReport), monthly];
